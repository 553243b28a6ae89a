package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// open saves a session of the actor under the token.
func (h house) open(token string, actor desk.Actor) {
	h.t.Helper()
	values := fmt.Appendf(nil, `{"user_id":%d,"session_ver":1,"agent":"Lynx"}`, actor.ID)
	if err := h.Sessions().CommitCtx(h.t.Context(), token, values, h.Now().Add(desk.SessionLifetime)); err != nil {
		h.t.Fatal(err)
	}
}

// whose is the account of a session: 0 for nobody's, -1 where there is no session.
func (h house) whose(token string) int64 {
	h.t.Helper()
	var found desk.StoredSession
	_, ok, err := h.Sessions().FindCtx(desk.WithStored(h.t.Context(), &found), token)
	if err != nil {
		h.t.Fatal(err)
	}
	if !ok {
		return -1
	}
	return found.Account.ID
}

func TestASessionThatWasDeletedIsNotBroughtBackBySavingIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	ana := h.person("ana", desk.RoleCustomer)
	h.open("token", ana)
	if got := h.whose("token"); got != ana.ID {
		t.Fatalf("it is %d's", got)
	}
	if err := h.Sessions().DeleteCtx(t.Context(), "token"); err != nil {
		t.Fatal(err)
	}
	h.open("token", ana)
	if got := h.whose("token"); got != -1 {
		t.Errorf("it is %d's again", got)
	}
	if n := h.number("select count(*) from sessions where token_hash = 'token'"); n != 0 {
		t.Error("the token itself is stored")
	}
}

func TestADisabledOrChangedAccountHasNoSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	for name, change := range map[string]string{
		"ana": "update users set disabled_at = now() where id = $1",
		"sam": "update users set session_ver = session_ver + 1 where id = $1",
	} {
		who := h.person(name, desk.RoleCustomer)
		h.open(name, who)
		h.exec(change, who.ID)
		if got := h.whose(name); got != 0 {
			t.Errorf("%s: it is still %d's", name, got)
		}
	}
}

// A request that found its session, and is late, must not make a new one of it.
func TestASessionThatEndedMeanwhileIsNotMadeANewOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	in := desk.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	who, err := h.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	h.open("revoked", who.Actor)
	h.open("stolen", who.Actor)
	if err := h.Sessions().DeleteCtx(t.Context(), "revoked"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.EndAllDevices(t.Context(), who.Actor, "revoked"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a session that was signed out: %v", err)
	}
	version, err := h.ChangePassword(t.Context(), who.Actor, desk.PasswordInput{Current: in.Password, Password: "another long password"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.EndAllDevices(t.Context(), who.Actor, "stolen"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a session before the new password: %v", err)
	}
	if n := h.number("select session_ver from users where id = $1", who.ID); n != int64(version) {
		t.Error("whoever changed the password is signed out")
	}
}

func TestOfTwoNewPasswordsAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	in := desk.RegisterInput{Username: "Ana", Email: "ana@example.org", Password: "a long enough password"}
	who, err := h.Register(t.Context(), in, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	var changed atomic.Int32
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			_, err := h.ChangePassword(t.Context(), who.Actor, desk.PasswordInput{Current: in.Password, Password: fmt.Sprintf("another password %d", i)})
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
		t.Errorf("%d changed the one password they knew", changed.Load())
	}
}

// Whoever has the token of an ended session could otherwise fill the disk with it.
func TestAFewFormsAreKeptForOnePersonAndNoMore(t *testing.T) {
	t.Parallel()
	var c clock
	h := newHouse(t, c.options())
	ana := h.person("ana", desk.RoleCustomer)
	h.open("ana's", ana)
	c.later(desk.SessionIdle + time.Hour)
	kept := 0
	for i := range 30 {
		ok, err := h.keeps("ana's", fmt.Sprintf("/tickets/%d", i), map[string][]string{"text": {"x"}})
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			kept++
		}
	}
	if n := h.number("select count(*) from kept_forms"); n != 20 || kept != 20 {
		t.Errorf("%d are kept, and %d said to be", n, kept)
	}
	if ok, err := h.keeps("ana's", "/tickets/1", map[string][]string{"text": {"y"}}); !ok || err != nil {
		t.Error("a newer form of a page is not kept", err)
	}
}

// keeps keeps a form of the session that the token names, if that has ended.
func (h house) keeps(token, page string, fields map[string][]string) (bool, error) {
	user, err := h.EndedSession(h.t.Context(), token)
	if err != nil || user == 0 {
		return false, err
	}
	return h.KeepForm(h.t.Context(), user, page, fields)
}

func TestSessionsEndByTimeByIdlenessAndByHand(t *testing.T) {
	t.Parallel()
	var c clock
	h := newHouse(t, c.options())
	ana, sam := h.person("ana", desk.RoleCustomer), h.person("sam", desk.RoleCustomer)
	h.open("one", ana)
	c.later(11 * time.Hour)
	h.open("two", ana)
	devices, err := h.Devices(t.Context(), ana, "two")
	if err != nil || len(devices) != 2 || !devices[0].Current || devices[1].Current || devices[0].Agent != "Lynx" {
		t.Fatalf("%+v, %v", devices, err)
	}
	if err := h.EndDevice(t.Context(), sam, devices[0].Handle); err == nil {
		t.Error("somebody else ended it")
	}
	if err := h.EndDevice(t.Context(), ana, devices[0].Handle); err != nil || h.whose("two") != -1 {
		t.Error("it goes on:", err)
	}
	c.later(2 * time.Hour)
	if h.whose("one") != -1 {
		t.Error("13 hours without a request, and it goes on")
	}
}

func TestAFormIsKeptForItsOwnerForADayAndGivenOnce(t *testing.T) {
	t.Parallel()
	var c clock
	h := newHouse(t, c.options())
	ana, sam := h.person("ana", desk.RoleCustomer), h.person("sam", desk.RoleCustomer)
	keep := func(token, text string) bool {
		t.Helper()
		kept, err := h.keeps(token, "/tickets/new", map[string][]string{"subject": {text}})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	take := func(who desk.Actor) string {
		t.Helper()
		fields, err := h.TakeForm(t.Context(), who, "/tickets/new")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(fields["subject"], "")
	}
	h.open("ana's", ana)
	c.later(desk.SessionIdle + time.Hour)
	if !keep("ana's", "Half an hour") || keep("nobody's", "x") || keep("ana's", strings.Repeat("x", desk.MaxKept)) {
		t.Error("kept what it should not, or not what it should")
	}
	if pages, err := h.KeptPages(t.Context(), ana); err != nil || len(pages) != 1 {
		t.Error(pages, err)
	}
	if got := take(sam) + "|" + take(ana) + "|" + take(ana); got != "|Half an hour|" {
		t.Errorf("given as %q", got)
	}
	keep("ana's", "Late")
	c.later(25 * time.Hour)
	if take(ana) != "" || keep("ana's", "Later") {
		t.Error("it lasts longer than a day")
	}
}
