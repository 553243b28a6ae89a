package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// another is a password that no account has at first.
const another = "another long password"

// asksForPassword asks for a link for an address and handles the request.
func (a *app) asksForPassword(email string) page {
	a.t.Helper()
	got := a.visitor().post("/password", url.Values{"email": {email}})
	a.handlePasswordRequests()
	return got
}

// handlePasswordRequests does what the program does after the answer.
func (a *app) handlePasswordRequests() {
	a.t.Helper()
	if err := a.desk.Accounts.Passwords.HandleRequests(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

// passwordLink mails a link to an address and returns its path.
func (a *app) passwordLink(email string) string {
	a.t.Helper()
	a.asksForPassword(email).leadsTo(a.t, "/password?sent=1")
	return a.mailedLink(email)
}

// canSignIn reports whether an address and a password start a session.
func (a *app) canSignIn(email, password string) bool {
	return a.visitor().post("/login", url.Values{"email": {email}, "password": {password}}).StatusCode == http.StatusSeeOther
}

// choosing returns the form that chooses a new password.
func choosing(password string) url.Values { return url.Values{"password": {password}} }

func TestAMailedLinkSetsANewPasswordAndSignsIn(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana")
	token := ana.program()
	link := a.passwordLink("ana@example.org")
	phone := a.visitor()
	shown := phone.get(link).wants(t, http.StatusOK, "ana@example.org", "Choose a new password")
	if got := shown.doc.Find("form[action='" + link + "'] input[name=password]").Length(); got != 1 {
		t.Fatalf("the page has %d fields for the password of the link, want 1", got)
	}
	phone.follow(phone.post(link, choosing(another)).leadsTo(t, "/tickets")).wants(t, http.StatusOK, "Your password is set")
	if !a.canSignIn("ana@example.org", another) {
		t.Error("the new password does not sign in")
	}
	if a.canSignIn("ana@example.org", password) {
		t.Error("the former password still signs in")
	}
	ana.get("/tickets").leadsTo(t, "/login?next=%2Ftickets")
	if got := token.send("GET", "/tickets", nil).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("an API token from before is answered with %d, want 401", got)
	}
	if n := a.count("select count(*) from users where id = $1 and email_verified_at is not null", ana.id); n != 1 {
		t.Error("the address is not confirmed, but its owner has used a mailed link")
	}
	mails := a.mails("ana@example.org")
	if last := mails[len(mails)-1]; !strings.Contains(last, "was changed") {
		t.Errorf("the newest mail is %q, want one that the password was changed", last)
	}
}

func TestALinkForAPasswordIsRefusedWhen(t *testing.T) {
	for name, happens := range map[string]func(a *app, ana *client, link string){
		"it was used": func(a *app, _ *client, link string) {
			a.visitor().post(link, choosing("a third long password")).leadsTo(a.t, "/tickets")
			a.later(2 * time.Minute)
		},
		"it was used, and the form comes again with another password": func(a *app, _ *client, link string) {
			a.visitor().post(link, choosing("a third long password")).leadsTo(a.t, "/tickets")
		},
		"30 minutes have passed": func(a *app, _ *client, _ string) { a.later(30 * time.Minute) },
		"there is a newer one":   func(a *app, _ *client, _ string) { a.asksForPassword("ana@example.org") },
		"the account is disabled": func(a *app, ana *client, _ string) {
			if err := a.desk.Accounts.Users.SetDisabled(a.t.Context(), a.admin("Boss").actor(account.RoleAdmin), ana.id, true); err != nil {
				a.t.Fatal(err)
			}
		},
		"the account has another address": func(a *app, ana *client, _ string) {
			a.exec("update users set email = 'new@example.org', email_key = 'new@example.org' where id = $1", ana.id)
		},
		"the password was changed": func(a *app, ana *client, _ string) {
			ana.post("/account/password", url.Values{"current": {password}, "password": {"a third long password"}}).leadsTo(a.t, "/account")
		},
		"an admin has set a one-time password": func(a *app, ana *client, _ string) {
			a.admin("Boss").post("/admin/users/1/password", nil).wants(a.t, http.StatusOK)
		},
		"all devices were signed out": func(a *app, ana *client, _ string) { ana.post("/account/sessions", nil).leadsTo(a.t, "/account") },
		"the account has another role": func(a *app, ana *client, _ string) {
			if err := a.desk.Accounts.Users.SetRole(a.t.Context(), a.admin("Boss").actor(account.RoleAdmin), ana.id, string(account.RoleAgent)); err != nil {
				a.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sendsMail)
			ana := a.customer("Ana")
			link := a.passwordLink("ana@example.org")
			happens(a, ana, link)
			a.wantsGone(link)
		})
	}
	for name, path := range map[string]string{"it is guessed": "/password/" + strings.Repeat("a", 26), "it is broken": "/password/x", "it is a word of the page": "/password/sent",
		"it has control characters": "/password/%00%ff", "it is long": "/password/" + strings.Repeat("a", 2000)} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sendsMail)
			a.customer("Ana")
			a.passwordLink("ana@example.org")
			a.wantsGone(path)
		})
	}
}

// wantsGone fails the test unless the link at a path is refused and changes no account.
func (a *app) wantsGone(link string) {
	a.t.Helper()
	before := a.count("select coalesce(sum(hashtext(users::text)), 0) from users")
	visitor := a.visitor()
	visitor.get(link).wants(a.t, http.StatusNotFound, "does not work any more", `href="/password"`)
	got := visitor.post(link, choosing(another)).wants(a.t, http.StatusNotFound, "does not work any more", `href="/password"`)
	if slices.ContainsFunc(got.Cookies(), func(c *http.Cookie) bool { return strings.Contains(c.Name, "session") }) {
		a.t.Error("the refused form starts a session")
	}
	if after := a.count("select coalesce(sum(hashtext(users::text)), 0) from users"); after != before {
		a.t.Error("the refused form changes an account")
	}
}

func TestOpeningALinkForAPasswordDoesNotUseItUp(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	link := a.passwordLink("ana@example.org")
	before := a.count("select hashtext(string_agg(l::text, '')) from account_links l")
	for range 3 {
		a.visitor().head(link).wants(t, http.StatusOK)
		a.visitor().get(link).wants(t, http.StatusOK)
	}
	if after := a.count("select hashtext(string_agg(l::text, '')) from account_links l"); after != before {
		t.Error("opening the page changes the link")
	}
	a.visitor().post(link, choosing(another)).leadsTo(t, "/tickets")
}

func TestTheAnswerDoesNotRevealWhetherAnAddressHasAnAccount(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	gone := a.customer("Gone")
	a.exec("update users set disabled_at = now() where id = $1", gone.id)
	first := a.visitor().post("/password", url.Values{"email": {"ana@example.org"}})
	if n := a.count("select count(*) from mail_out"); n != 0 {
		t.Errorf("%d mails are written before the answer, want 0: its time would show that there is an account", n)
	}
	for _, email := range []string{"nobody@example.org", "gone@example.org"} {
		got := a.visitor().post("/password", url.Values{"email": {email}})
		got.wants(t, first.StatusCode)
		if got.body != first.body {
			t.Errorf("%s: the body is %s, want %s", email, got.body, first.body)
		}
		got.wantsHeader(t, "Location", first.Header.Get("Location"))
	}
	a.handlePasswordRequests()
	if n := a.count("select count(*) from mail_out"); n != 1 {
		t.Errorf("%d mails are written, want 1", n)
	}
	if n := a.count("select count(*) from password_requests"); n != 0 {
		t.Errorf("%d requests are left, want 0", n)
	}
}

func TestALinkForAPasswordIsMailedToTheStoredAddress(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	a.asksForPassword("ANA@Example.ORG").leadsTo(t, "/password?sent=1")
	if got := len(a.mails("ana@example.org")); got != 1 {
		t.Errorf("%d mails to the stored address, want 1", got)
	}
}

func TestADoubledFormSetsThePasswordOnce(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana")
	link := a.passwordLink("ana@example.org")
	a.visitor().post(link, choosing(another)).leadsTo(t, "/tickets")
	version := a.count("select session_ver from users where id = $1", ana.id)
	tab := a.visitor()
	tab.post(link, choosing(another)).leadsTo(t, "/tickets")
	tab.get("/tickets").wants(t, http.StatusOK)
	if got := a.count("select session_ver from users where id = $1", ana.id); got != version {
		t.Errorf("the second form ends sessions: version %d, want %d", got, version)
	}
}

func TestABadPasswordKeepsTheLink(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	link := a.passwordLink("ana@example.org")
	for _, bad := range []string{"", "short", "aaaaaaaaaaaaaa", "ana@example.org", "password1234", strings.Repeat("x1y", 50)} {
		a.visitor().post(link, choosing(bad)).wants(t, http.StatusUnprocessableEntity, "error-summary", `action="`+link+`"`)
	}
	a.visitor().post(link, choosing(another)).leadsTo(t, "/tickets")
}

func TestAnAccountWithoutAPasswordGetsOneByMail(t *testing.T) {
	a := newApp(t, sendsMail)
	a.exec("insert into users (username, email, email_key, password_hash) values ('Lena', 'lena@example.org', 'lena@example.org', '')")
	a.visitor().post(a.passwordLink("lena@example.org"), choosing(another)).leadsTo(t, "/tickets")
	if !a.canSignIn("lena@example.org", another) {
		t.Error("the new password does not sign in")
	}
}

func TestTheSessionOfAnotherAccountEndsWithALink(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana")
	ben := a.customer("Ben")
	ben.post(a.passwordLink("ana@example.org"), choosing(another)).leadsTo(t, "/tickets")
	if got := ben.get("/account").value("#email"); got != "ana@example.org" {
		t.Errorf("%q is signed in, want ana@example.org", got)
	}
}

func TestRequestsForPasswordsAreLimited(t *testing.T) {
	a := newApp(t, sendsMail, func(o *desk.Options) { o.Limits.Register = limit.Limit{N: 3, Per: time.Hour} })
	for range 3 {
		a.asksForPassword("ana@example.org").leadsTo(t, "/password?sent=1")
	}
	a.asksForPassword("ben@example.org").wants(t, http.StatusTooManyRequests)
}

func TestADeskWithoutMailHasNoPageForForgottenPasswords(t *testing.T) {
	a := newApp(t)
	a.visitor().get("/password").wants(t, http.StatusNotFound)
	a.visitor().post("/password", url.Values{"email": {"ana@example.org"}}).wants(t, http.StatusNotFound)
	for _, path := range []string{"/login", "/"} {
		a.visitor().get(path).wants(t, http.StatusOK, "Ask our staff").lacks(t, `href="/password"`)
	}
	b := newAppOn(t, a.pool, sendsMail)
	b.visitor().get("/login").wants(t, http.StatusOK, `href="/password"`).lacks(t, "Ask our staff")
}
