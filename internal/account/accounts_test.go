package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

var somewhere = netip.MustParseAddr("192.0.2.7")

// clock is a clock that a test can advance.
type clock struct{ ahead atomic.Int64 }

// now returns the time of the clock.
func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// later moves the clock forward.
func (c *clock) later(d time.Duration) { c.ahead.Add(int64(d)) }

// options returns options with this clock.
func (c *clock) options() options { return options{Now: c.now} }

// signIn signs in from a fixed address.
func signIn(h fixture, email, password string) (account.SignedIn, error) {
	return h.SignIn(h.t.Context(), account.SignInInput{Email: email, Password: password}, somewhere)
}

func TestSignInWithoutAPasswordIsRefused(t *testing.T) {
	t.Parallel()
	_, err := signIn(newFixture(t, options{}), "ana@example.org", "")
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		t.Fatalf("got the error %v, want %T", err, inv)
	}
	if got := inv.Field("password"); got != "Write your password." {
		t.Errorf(`got %q, want "Write your password."`, got)
	}
}

func TestPasswordsAreComparedInNFC(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	in := account.RegisterInput{Username: "Zoë", Email: "Zoe@example.org", Password: "caf\u00e9 au lait \u00e0 deux"}
	if _, err := h.Registrations.Register(t.Context(), in, somewhere); err != nil {
		t.Fatal(err)
	}
	who, err := signIn(h, "zoe@EXAMPLE.org", "cafe\u0301 au lait a\u0300 deux")
	if err != nil {
		t.Fatal(err)
	}
	if who.Username != "Zoë" {
		t.Errorf(`the username is %q, want "Zoë"`, who.Username)
	}
	if who.Role != account.RoleCustomer {
		t.Errorf("the role is %q, want %q", who.Role, account.RoleCustomer)
	}
	if _, err := signIn(h, "zoe@example.org", " caf\u00e9 au lait \u00e0 deux"); !errors.Is(err, fault.ErrCredentials) {
		t.Errorf("with a space before it: %v", err)
	}
}

func TestAnOldPasswordHashIsRenewedAtSignInAndSessionsStay(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana := h.person("ana", account.RoleCustomer)
	old := account.HashWith("twelve letters", 8, 1)
	h.exec("update users set password_hash = $1 where id = $2", old, ana.ID)
	before, err := signIn(h, ana.Email, "twelve letters")
	if err != nil {
		t.Fatal(err)
	}
	var hash string
	if err := h.pool.QueryRow(t.Context(), "select password_hash from users where id = $1", ana.ID).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("still %s", hash)
	}
	after, err := signIn(h, ana.Email, "twelve letters")
	if err != nil || after.SessionVer != before.SessionVer {
		t.Errorf("%+v, %v", after, err)
	}
}

func TestAMalformedHashRefusesEveryPassword(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana := h.person("ana", account.RoleCustomer)
	for _, hash := range []string{"", "-", "$argon2id$", "$argon2id$v=19$m=0,t=0,p=0$$", "$argon2id$v=19$m=99999999,t=2,p=1$YWFhYWFhYWE$YQ", "$2a$10$abcdefghijklmnopqrstuv"} {
		h.exec("update users set password_hash = $1 where id = $2", hash, ana.ID)
		if _, err := signIn(h, ana.Email, "twelve letters"); !errors.Is(err, fault.ErrCredentials) {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// A request that waits for its turn ends when its client disconnects.
func TestHashingStopsWhenTheRequestEnds(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	in := account.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	ana, err := h.Registrations.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	defer account.HoldHashing()()
	for name, ask := range map[string]func(context.Context) error{
		"sign in": func(ctx context.Context) error {
			_, err := h.SignIn(ctx, account.SignInInput{Email: in.Email, Password: in.Password}, somewhere)
			return err
		},
		"register": func(ctx context.Context) error {
			_, err := h.Registrations.Register(ctx, account.RegisterInput{Username: "Sam", Email: "sam@example.org", Password: in.Password}, somewhere)
			return err
		},
		"profile": func(ctx context.Context) error {
			_, err := h.ChangeProfile(ctx, ana.Actor, account.ProfileInput{Username: "Ana", Email: in.Email, Current: in.Password})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if err := ask(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

func TestOneOfManyConcurrentRegistrationsSucceeds(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			in := account.RegisterInput{Username: fmt.Sprint("Ana ", i), Email: "ana@example.org", Password: "a long enough password"}
			_, err := h.Registrations.Register(t.Context(), in, somewhere)
			var inv *fault.Invalid
			switch {
			case err == nil:
				made.Add(1)
			case errors.As(err, &inv) && inv.Field("email") != "":
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := made.Load(); got != 1 {
		t.Errorf("got %d accounts, want 1", got)
	}
	if got := refused.Load(); got != 7 {
		t.Errorf("refused is %d, want 7", got)
	}
}

func TestALimitAllowsItsNumberOfConcurrentUsesAndRefillsEvenly(t *testing.T) {
	t.Parallel()
	var c clock
	opts := c.options()
	opts.Limits = limit.Defaults
	opts.Limits.SignIn = limit.Limit{N: 6, Per: time.Hour}
	h := newFixture(t, opts)
	try := func(n int) (through int32) {
		var ok atomic.Int32
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				_, err := signIn(h, "nobody@example.org", "x")
				var limited *fault.Limited
				switch {
				case errors.Is(err, fault.ErrCredentials):
					ok.Add(1)
				case !errors.As(err, &limited) || limited.RetryAfter <= 0 || limited.RetryAfter > time.Hour:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return ok.Load()
	}
	for _, step := range []struct {
		wait time.Duration
		want int32
	}{{0, 6}, {0, 0}, {11 * time.Minute, 1}, {31 * time.Minute, 3}, {5 * time.Hour, 6}} {
		c.later(step.wait)
		if got := try(10); got != step.want {
			t.Errorf("after %v: %d accepted, want %d", step.wait, got, step.want)
		}
	}
}

func TestIPv6ClientsAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	opts := options{Limits: limit.Defaults}
	opts.Limits.SignIn = limit.Limit{N: 1, Per: time.Hour}
	h := newFixture(t, opts)
	for i, c := range []struct {
		from    string
		limited bool
	}{{"2001:db8::1", false}, {"2001:db8::ffff:2", true}, {"2001:db8:0:1::1", false}, {"::ffff:192.0.2.9", false}, {"192.0.2.9", true}} {
		_, err := h.SignIn(t.Context(), account.SignInInput{Email: fmt.Sprintf("x%d@example.org", i), Password: "x"}, netip.MustParseAddr(c.from))
		var limited *fault.Limited
		if errors.As(err, &limited) != c.limited {
			t.Errorf("%s: %v", c.from, err)
		}
	}
}

func TestGuessesOfOneNetworkDoNotLockAnAccountAndGuessesOfManyAreLimited(t *testing.T) {
	t.Parallel()
	opts := options{Limits: limit.Defaults}
	opts.Limits.SignIn = limit.Limit{N: 2, Per: time.Hour}
	h := newFixture(t, opts)
	in := account.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	ana, err := h.Registrations.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	through := 0
	guess := func(network, times int) {
		for range times {
			from := netip.AddrFrom4([4]byte{198, 51, 100, byte(network)})
			_, err := h.SignIn(t.Context(), account.SignInInput{Email: "ANA@example.org", Password: "a wrong one"}, from)
			if errors.Is(err, fault.ErrCredentials) {
				through++
			}
		}
	}
	guess(1, 5)
	if through != 2 {
		t.Errorf("%d guesses of one network were accepted", through)
	}
	if _, err := signIn(h, in.Email, in.Password); err != nil {
		t.Errorf("after the guesses of another network: %v", err)
	}
	for network := range 20 {
		guess(2+network, 2)
	}
	if through != 19 { // twenty with the correct one
		t.Errorf("%d guesses of many networks were accepted", through)
	}
	profile := account.ProfileInput{Username: "Ana", Email: in.Email, Current: in.Password}
	if _, err := h.ChangeProfile(t.Context(), ana.Actor, profile); err != nil {
		t.Errorf("a user who is already signed in: %v", err)
	}
}
