package handlers

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/limit"
)

// registers sends the form of registration of a desk that sends mail.
func (a *app) registers(name, email string) page {
	a.t.Helper()
	return a.visitor().post("/register", url.Values{"username": {name}, "email": {email}, "password": {another}, "next": {"/tickets/new"}})
}

func TestRegistrationAnswersTheSameForAnAddressWithAnAccount(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	free, taken := a.registers("New", "new@example.org"), a.registers("Ana", "ANA@example.org")
	for name, p := range map[string]page{"free": free, "taken": taken} {
		p.leadsTo(t, "/register?sent=1")
		if len(p.Cookies()) != 0 {
			t.Errorf("%s: the answer sets cookies: %v", name, p.Cookies())
		}
	}
	if free.body != taken.body {
		t.Errorf("the answers differ: %q and %q", free.body, taken.body)
	}
	signsIn := func(email string) int {
		return a.visitor().post("/login", url.Values{"email": {email}, "password": {another}}).StatusCode
	}
	if f, k := signsIn("new@example.org"), signsIn("ana@example.org"); f != k {
		t.Errorf("signing in with the new password answers %d for the free address and %d for the other one", f, k)
	}
	mails := a.mails("ana@example.org")
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want 1: %q", len(mails), mails)
	}
	if !strings.Contains(mails[0], "You have one already") {
		t.Errorf(`mails[0] is %q, want it with "You have one already"`, mails[0])
	}
	if !strings.Contains(mails[0], mailURL+"/password\n") {
		t.Errorf("mails[0] is %q, want it with %q", mails[0], mailURL+"/password\n")
	}
	if n := a.count("select count(*) from users where email ilike 'new@%'"); n != 0 {
		t.Errorf("%d accounts were created before the link was used, want 0", n)
	}
}

func TestAMailedLinkAndThePasswordCreateTheAccount(t *testing.T) {
	a := newApp(t, sendsMail)
	a.registers("New", "new@example.org")
	link := a.mailedLink("new@example.org")
	a.visitor().head(link).wants(t, http.StatusOK)
	a.visitor().get(link).wants(t, http.StatusOK, "Create your account", "new@example.org", `value="/tickets/new"`)
	stranger := a.visitor()
	stranger.post(link, url.Values{"password": {"a password of a stranger"}}).wants(t, http.StatusUnprocessableEntity, "not the password that you chose")
	stranger.post(link, nil).wants(t, http.StatusUnprocessableEntity)
	if n := a.count("select count(*) from users where email = 'new@example.org'"); n != 0 {
		t.Fatal("a wrong password has created the account")
	}
	fields := url.Values{"password": {another}, "next": {"/tickets/new"}}
	for range 2 { // a double click
		owner := a.visitor()
		owner.follow(owner.post(link, fields).leadsTo(t, "/tickets/new")).wants(t, http.StatusOK, "Your account is created, and you are signed in.")
	}
	if n := a.count("select count(*) from users where email = 'new@example.org' and role = 'customer' and email_verified_at is not null"); n != 1 {
		t.Errorf("%d accounts with a confirmed address, want 1", n)
	}
	a.later(2 * time.Minute)
	a.visitor().get(link).wants(t, http.StatusNotFound, "does not work any more")
	a.visitor().post(link, fields).wants(t, http.StatusNotFound, "does not work any more")
}

func TestTheLinkOfARegistrationEnds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a *app)
		want   int
	}{
		"a week later":                       {func(a *app) { a.later(8 * 24 * time.Hour) }, http.StatusNotFound},
		"the address has an account by then": {func(a *app) { a.registersByAPI("Other", "new@example.org") }, http.StatusConflict},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sendsMail)
			a.registers("New", "new@example.org")
			link := a.mailedLink("new@example.org")
			c.change(a)
			a.visitor().post(link, url.Values{"password": {another}}).wants(t, c.want)
			if n := a.count("select count(*) from users where username = 'New'"); n != 0 {
				t.Errorf("%d accounts were created, want 0", n)
			}
		})
	}
}

func TestWhoFinishesFirstOfTwoRegistrationsGetsTheAddress(t *testing.T) {
	a := newApp(t, sendsMail)
	a.registers("First", "new@example.org")
	first := a.mailedLink("new@example.org")
	a.registers("Second", "new@example.org")
	second := a.mailedLink("new@example.org")
	a.visitor().post(first, url.Values{"password": {another}}).wants(t, http.StatusSeeOther)
	a.visitor().post(second, url.Values{"password": {another}}).wants(t, http.StatusNotFound)
}

func TestRegistrationsOfAnAddressAreLimited(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	b := a.again(Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	form := url.Values{"username": {"Ana"}, "email": {"ana@example.org"}, "password": {another}}
	for i := range 12 { // each from a network address of its own
		want := http.StatusSeeOther
		if i >= limit.Defaults.Register.N {
			want = http.StatusTooManyRequests
		}
		if got := b.visitor().post("/register", form, "X-Forwarded-For", fmt.Sprint("203.0.113.", i)).StatusCode; got != want {
			t.Errorf("registration %d of one e-mail address: got %d, want %d", i+1, got, want)
		}
	}
}
