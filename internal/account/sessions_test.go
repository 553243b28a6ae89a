package account_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// open saves a session of the actor under the token.
func (h fixture) open(token string, actor account.Actor) {
	h.t.Helper()
	values := fmt.Appendf(nil, `{"user_id":%d,"session_ver":1,"agent":"Lynx"}`, actor.ID)
	if err := h.Sessions.Store().CommitCtx(h.t.Context(), token, values, h.Now().Add(account.SessionLifetime)); err != nil {
		h.t.Fatal(err)
	}
}

// whose returns the account of a session: 0 if it has none, -1 if there is no session.
func (h fixture) whose(token string) int64 {
	h.t.Helper()
	var found account.StoredSession
	_, ok, err := h.Sessions.Store().FindCtx(account.WithStored(h.t.Context(), &found), token)
	if err != nil {
		h.t.Fatal(err)
	}
	if !ok {
		return -1
	}
	return found.Account.ID
}

func TestSavingADeletedSessionDoesNotRestoreIt(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana := h.person("ana", account.RoleCustomer)
	h.open("token", ana)
	if got := h.whose("token"); got != ana.ID {
		t.Fatalf("the session is that of %d", got)
	}
	if err := h.Sessions.Store().DeleteCtx(t.Context(), "token"); err != nil {
		t.Fatal(err)
	}
	h.open("token", ana)
	if got := h.whose("token"); got != -1 {
		t.Errorf("the session is that of %d again", got)
	}
	if n := h.number("select count(*) from sessions where token_hash = 'token'"); n != 0 {
		t.Error("the token itself is stored")
	}
}

func TestRequestsAtTheSameTimeEachGetTheirOwnSession(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	h.open("of ana", ana)
	h.open("of priya", priya)
	h.open("ended", ana)
	store := h.Sessions.Store()
	if err := store.DeleteCtx(t.Context(), "ended"); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"of ana": ana.ID, "of priya": priya.ID, "ended": 0, "unknown": 0}
	var group sync.WaitGroup
	for range 50 {
		for token, id := range want {
			group.Go(func() {
				var found account.StoredSession
				_, ok, err := store.FindCtx(account.WithStored(t.Context(), &found), token)
				if err != nil {
					t.Errorf("the session %q: %v", token, err)
				}
				if ok != (id > 0) {
					t.Errorf("the session %q: found is %t, want %t", token, ok, id > 0)
				}
				if found.Account.ID != id {
					t.Errorf("the session %q: got the account %d, want %d", token, found.Account.ID, id)
				}
			})
		}
	}
	group.Wait()
}

func TestARequestThatIsCancelledDoesNotAffectOthersThatLookForSessions(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana := h.person("ana", account.RoleCustomer)
	h.open("token", ana)
	store := h.Sessions.Store()
	ended, end := context.WithCancel(t.Context())
	end()
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, ok, err := store.FindCtx(ended, "token"); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled request: found %v, error %v", ok, err)
			}
		})
		group.Go(func() {
			if _, ok, err := store.FindCtx(t.Context(), "token"); err != nil || !ok {
				t.Errorf("another request: found %v, error %v", ok, err)
			}
		})
	}
	group.Wait()
}

func TestADisabledOrChangedAccountHasNoSession(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for name, change := range map[string]string{
		"ana": "update users set disabled_at = now() where id = $1",
		"sam": "update users set session_ver = session_ver + 1 where id = $1",
	} {
		who := h.person(name, account.RoleCustomer)
		h.open(name, who)
		h.exec(change, who.ID)
		if got := h.whose(name); got != 0 {
			t.Errorf("%s: the session is still that of %d", name, got)
		}
	}
}

// A late request whose session has ended must not create it again.
func TestAnEndedSessionIsNotCreatedAgain(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	in := account.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	who, err := h.Registrations.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	h.open("revoked", who.Actor)
	h.open("stolen", who.Actor)
	if err := h.Sessions.Store().DeleteCtx(t.Context(), "revoked"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions.EndAllDevices(t.Context(), who.Actor, "revoked"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a session that was signed out: %v", err)
	}
	version, err := h.Passwords.Change(t.Context(), who.Actor, account.PasswordInput{Current: in.Password, Password: "another long password"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Sessions.EndAllDevices(t.Context(), who.Actor, "stolen"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a session before the new password: %v", err)
	}
	if n := h.number("select session_ver from users where id = $1", who.ID); n != int64(version) {
		t.Error("the user who changed the password is signed out")
	}
}

func TestOneOfTwoConcurrentPasswordChangesIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	in := account.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	who, err := h.Registrations.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	var changed atomic.Int32
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			_, err := h.Passwords.Change(t.Context(), who.Actor, account.PasswordInput{Current: in.Password, Password: fmt.Sprintf("another password %d", i)})
			var inv *fault.Invalid
			switch {
			case err == nil:
				changed.Add(1)
			case !errors.As(err, &inv) || inv.Field("current") == "":
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if changed.Load() != 1 {
		t.Errorf("%d changes with the old password succeeded", changed.Load())
	}
}

func TestSessionsEndAfterTheirLifetimeIdleTimeAndSignOut(t *testing.T) {
	t.Parallel()
	var c clock
	h := newFixture(t, c.options())
	ana, sam := h.person("ana", account.RoleCustomer), h.person("sam", account.RoleCustomer)
	h.open("one", ana)
	c.later(11 * time.Hour)
	h.open("two", ana)
	devices, err := h.Sessions.Devices(t.Context(), ana, "two")
	if err != nil || len(devices) != 2 {
		t.Fatalf("got %+v, %v, want two sessions", devices, err)
	}
	if !devices[0].Current {
		t.Fatal("the current session: the current is false, want true")
	}
	if devices[1].Current {
		t.Fatal("the current session: the current is true, want false")
	}
	if devices[0].Agent != "Lynx" {
		t.Fatalf("got the agent %q, want Lynx", devices[0].Agent)
	}
	if err := h.Sessions.EndDevice(t.Context(), sam, devices[0].Handle); err == nil {
		t.Error("another user ended the session")
	}
	if err := h.Sessions.EndDevice(t.Context(), ana, devices[0].Handle); err != nil || h.whose("two") != -1 {
		t.Error("the session is still valid:", err)
	}
	c.later(2 * time.Hour)
	if h.whose("one") != -1 {
		t.Error("the session is still valid after 13 hours without a request")
	}
}
