package handlers

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// confirmed makes the address of the client a confirmed one.
func (c *client) confirmed() *client {
	c.app.t.Helper()
	c.app.exec("update users set email_verified_at = now() where id = $1", c.id)
	return c
}

// wantsAddress asks for another address.
func (c *client) wantsAddress(email string) page {
	c.app.t.Helper()
	return c.post("/account/profile", url.Values{"username": {c.name}, "email": {email}, "current": {password}})
}

// addressOf returns the address of an account, with a mark if it is confirmed.
func (a *app) addressOf(id int64) (email string) {
	a.t.Helper()
	err := a.pool.QueryRow(a.t.Context(), "select email || case when email_verified_at is not null then ' confirmed' else '' end from users where id = $1", id).Scan(&email)
	if err != nil {
		a.t.Fatal(err)
	}
	return email
}

// wantsAddressGone fails the test unless the link at a path is refused and changes no account.
func (a *app) wantsAddressGone(link string) {
	a.t.Helper()
	before := a.count("select coalesce(sum(hashtext(users::text)), 0) from users")
	a.visitor().get(link).wants(a.t, http.StatusNotFound, "does not work any more")
	a.visitor().post(link, nil).wants(a.t, http.StatusNotFound, "does not work any more")
	if after := a.count("select coalesce(sum(hashtext(users::text)), 0) from users"); after != before {
		a.t.Error("the refused form changes an account")
	}
}

// registersByAPI creates an account with the API, which has no step by mail.
func (a *app) registersByAPI(name, email string) {
	a.t.Helper()
	if _, err := a.desk.Accounts.Registrations.Register(a.t.Context(), account.RegisterInput{Username: name, Email: email, Password: another}, netip.MustParseAddr("192.0.2.7")); err != nil {
		a.t.Fatal(err)
	}
}

func TestARegisteredAddressIsConfirmedByMail(t *testing.T) {
	a := newApp(t, sendsMail)
	a.registersByAPI("Ana", "ana@example.org")
	ana := a.visitor()
	ana.post("/login", url.Values{"email": {"ana@example.org"}, "password": {another}}).leadsTo(t, "/tickets")
	ana.get("/tickets").wants(t, http.StatusOK, `id="unconfirmed"`)
	link, id := a.mailedLink("ana@example.org"), int64(a.count("select id from users where email = 'ana@example.org'"))
	a.visitor().head(link).wants(t, http.StatusOK)
	a.visitor().get(link).wants(t, http.StatusOK, "Confirm your address", "ana@example.org")
	if got, want := a.addressOf(id), "ana@example.org"; got != want {
		t.Errorf("after opening the link the address is %q, want %q", got, want)
	}
	for range 2 { // a double click
		a.visitor().post(link, nil).leadsTo(t, "/login")
	}
	if got, want := a.addressOf(id), "ana@example.org confirmed"; got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
	ana.get("/tickets").wants(t, http.StatusOK).lacks(t, `id="unconfirmed"`)
}

func TestConfirmingAnAddressStartsNoSession(t *testing.T) {
	a := newApp(t, sendsMail)
	a.registersByAPI("Ana", "ana@example.org")
	other := a.visitor()
	other.follow(other.post(a.mailedLink("ana@example.org"), nil)).wants(t, http.StatusOK, "Your address is confirmed")
	other.get("/tickets").leadsTo(t, "/login?next=%2Ftickets")
}

func TestALinkToConfirmIsSentAgain(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana")
	ana.get("/account").wants(t, http.StatusOK, "Send a new link")
	ana.follow(ana.post("/account/email", url.Values{"do": {"confirm"}})).wants(t, http.StatusOK, "mailed a link to ana@example.org")
	first := a.mailedLink("ana@example.org")
	ana.post("/account/email", url.Values{"do": {"confirm"}}).leadsTo(t, "/account")
	a.wantsAddressGone(first)
	a.visitor().post(a.mailedLink("ana@example.org"), nil).leadsTo(t, "/login")
	ana.post("/account/email", url.Values{"do": {"confirm"}}).leadsTo(t, "/account")
	if got := len(a.mails("ana@example.org")); got != 2 {
		t.Errorf("%d mails, want 2: the address is confirmed", got)
	}
}

func TestAnotherAddressIsUsedOnceItIsConfirmed(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana").confirmed()
	ana.follow(ana.wantsAddress("new@example.org").leadsTo(t, "/account")).wants(t, http.StatusOK, "mailed a link to new@example.org", `id="pending"`)
	if got, want := a.addressOf(ana.id), "ana@example.org confirmed"; got != want {
		t.Errorf("before the confirmation the address is %q, want %q", got, want)
	}
	link := a.mailedLink("new@example.org")
	a.visitor().get(link).wants(t, http.StatusOK, "new@example.org", "ana@example.org")
	for range 2 { // a double click
		a.visitor().post(link, nil).leadsTo(t, "/login")
	}
	if got, want := a.addressOf(ana.id), "new@example.org confirmed"; got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
	ana.get("/account").wants(t, http.StatusOK).lacks(t, `id="pending"`)
	a.wantsGone(strings.Replace(link, "/email/", "/password/", 1)) // a link is for one use only
}

func TestTheMessageNamesTheAddressThatALinkWasMailedTo(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana").confirmed()
	ana.follow(ana.wantsAddress("ana@EXAMPLE.org").leadsTo(t, "/account")).wants(t, http.StatusOK, "Your name and address are saved.").lacks(t, "mailed a link")
	ana.follow(ana.wantsAddress(" new@EXAMPLE.org").leadsTo(t, "/account")).wants(t, http.StatusOK, "mailed a link to new@example.org")
	a.mailedLink("new@example.org")
}

func TestAConfirmedAddressGetsNoOtherLink(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana").confirmed()
	ana.follow(ana.post("/account/email", url.Values{"do": {"confirm"}}).leadsTo(t, "/account")).wants(t, http.StatusOK, "Your address is already confirmed.").lacks(t, "mailed a link")
}

func TestAnAddressOfTheDeskItselfIsRefused(t *testing.T) {
	a := newApp(t, sendsMail)
	ana, boss := a.customer("Ana").confirmed(), a.admin("Boss")
	const own, says = "Help@example.org", "No mail can be sent to this address."
	ana.wantsAddress(own).wants(t, http.StatusUnprocessableEntity, says)
	boss.post("/admin/invitations", url.Values{"email": {own}, "role": {"agent"}}).wants(t, http.StatusUnprocessableEntity, says)
	a.visitor().post("/register", url.Values{"username": {"Help"}, "email": {own}, "password": {another}}).wants(t, http.StatusUnprocessableEntity, says)
	if n := a.count("select count(*) from mail_out"); n != 0 {
		t.Errorf("%d mails are written, want none", n)
	}
}

// Each request writes a mail to an address of the user's choice.
func TestChangesOfAddressAreLimitedAsRegistrationsAre(t *testing.T) {
	a := newApp(t, sendsMail, func(o *desk.Options) { o.Limits.Register = limit.Limit{N: 2, Per: time.Hour} })
	ana := a.customer("Ana").confirmed()
	for _, email := range []string{"one@example.org", "two@example.org"} {
		ana.wantsAddress(email).leadsTo(t, "/account")
	}
	ana.wantsAddress("three@example.org").wants(t, http.StatusTooManyRequests)
	if got := len(a.mails("three@example.org")); got != 0 {
		t.Errorf("%d mails were written, want 0", got)
	}
	ana.wantsAddress("ana@example.org").leadsTo(t, "/account") // only the name
}

func TestALinkToAnotherAddressIsRefusedWhen(t *testing.T) {
	for name, happens := range map[string]func(a *app, ana *client){
		"a day has passed": func(a *app, _ *client) { a.later(24 * time.Hour) },
		"the change was cancelled": func(a *app, ana *client) {
			ana.post("/account/email", url.Values{"do": {"keep"}}).leadsTo(a.t, "/account")
		},
		"another one was asked for": func(a *app, ana *client) { ana.wantsAddress("newer@example.org").leadsTo(a.t, "/account") },
		"the password was changed": func(a *app, ana *client) {
			ana.post("/account/password", url.Values{"current": {password}, "password": {another}}).leadsTo(a.t, "/account")
		},
		"the former address keeps the account": func(a *app, _ *client) {
			if got := a.visitor().post(a.mailedLink("ana@example.org"), nil); got.StatusCode != http.StatusSeeOther {
				a.t.Fatalf("keep the address: %d", got.StatusCode)
			}
		},
		"the account is disabled": func(a *app, ana *client) { a.exec("update users set disabled_at = now() where id = $1", ana.id) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sendsMail)
			ana := a.customer("Ana").confirmed()
			ana.wantsAddress("new@example.org").leadsTo(t, "/account")
			link := a.mailedLink("new@example.org")
			happens(a, ana)
			a.wantsAddressGone(link)
		})
	}
}

func TestTheFormerAddressUndoesAChange(t *testing.T) {
	for name, isConfirmed := range map[string]bool{"before it was confirmed": false, "after it was confirmed": true} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sendsMail)
			ana := a.customer("Ana").confirmed()
			ana.wantsAddress("thief@example.org").leadsTo(t, "/account")
			undo := a.mailedLink("ana@example.org")
			if isConfirmed {
				a.visitor().post(a.mailedLink("thief@example.org"), nil).leadsTo(t, "/login")
				a.later(6 * 24 * time.Hour)
			}
			owner := a.visitor()
			owner.get(undo).wants(t, http.StatusOK, "Keep this address", "ana@example.org")
			for range 2 { // a double click
				got := owner.post(undo, nil)
				if !strings.HasPrefix(got.Header.Get("Location"), "/password/") {
					t.Fatalf("got %d to %q, want the page of a new password", got.StatusCode, got.Header.Get("Location"))
				}
				owner.follow(got).wants(t, http.StatusOK, "Choose a new password")
			}
			if got, want := a.addressOf(ana.id), "ana@example.org confirmed"; got != want {
				t.Errorf("the address is %q, want %q", got, want)
			}
			if a.canSignIn("ana@example.org", password) {
				t.Error(`the former password still signs in: a.canSignIn("ana@example.org", password) is true, want false`)
			}
			if a.canSignIn("thief@example.org", password) {
				t.Error(`the former password still signs in: a.canSignIn("thief@example.org", password) is true, want false`)
			}
			ana.get("/tickets").leadsTo(t, "/login?next=%2Ftickets")
			to := owner.post(undo, nil).Header.Get("Location")
			owner.post(to, choosing(another)).leadsTo(t, "/tickets")
			a.wantsAddressGone(undo)
		})
	}
}

func TestAnUnconfirmedAddressCannotUndoAChange(t *testing.T) {
	a := newApp(t, sendsMail)
	a.customer("Ana").wantsAddress("new@example.org").leadsTo(t, "/account")
	mails := a.mails("ana@example.org")
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want 1: %q", len(mails), mails)
	}
	if strings.Contains(mails[0], mailURL+"/email/") {
		t.Errorf("mails[0] is %q, want it without %q", mails[0], mailURL+"/email/")
	}
}

func TestAFormerAddressIsReservedWhileTheChangeCanBeUndone(t *testing.T) {
	a := newApp(t, sendsMail)
	ana, ben := a.customer("Ana").confirmed(), a.customer("Ben")
	ana.wantsAddress("thief@example.org").leadsTo(t, "/account")
	a.visitor().post(a.mailedLink("thief@example.org"), nil).leadsTo(t, "/login")
	registers := func() string {
		a.visitor().post("/register", url.Values{"username": {"X"}, "email": {"ana@example.org"}, "password": {another}}).leadsTo(t, "/register?sent=1")
		mails := a.mails("ana@example.org")
		return mails[len(mails)-1]
	}
	if mail := registers(); !strings.Contains(mail, "It was the address of an account until recently") {
		t.Errorf("the mail to the reserved address is %q", mail)
	}
	ben.wantsAddress("ana@example.org").wants(t, http.StatusUnprocessableEntity, "Another account has this address")
	a.later(7 * 24 * time.Hour)
	if mail := registers(); !strings.Contains(mail, mailURL+"/register/") {
		t.Errorf("the mail to the free address is %q", mail)
	}
}

// Staff make accounts for addresses, too. The owner of the former address must still get it back.
func TestStaffGiveAFormerAddressToNoOtherAccount(t *testing.T) {
	a := newApp(t, sendsMail)
	ana, boss := a.customer("Ana").confirmed(), a.admin("Boss")
	invitation := invited(t, boss, "ana2@example.org", "agent")
	a.exec("update invitations set email = 'ana@example.org', email_key = 'ana@example.org'") // made before Ana had an account
	ana.wantsAddress("thief@example.org").leadsTo(t, "/account")
	undo := a.mailedLink("ana@example.org")
	a.visitor().post(a.mailedLink("thief@example.org"), nil).leadsTo(t, "/login")
	users := a.count("select count(*) from users")
	boss.post("/admin/users", url.Values{"username": {"Ana"}, "email": {"ana@example.org"}, "role": {"customer"}}).wants(t, http.StatusUnprocessableEntity, "former address")
	boss.post("/tickets", url.Values{"subject": {"S"}, "description": {"D"}, "category": {"Technical"}, "priority": {"Low"}, "requester": {"ana@example.org"}}).
		wants(t, http.StatusUnprocessableEntity, "former address")
	a.visitor().post(invitation, url.Values{"username": {"Ana"}, "password": {"three unrelated words"}}).wants(t, http.StatusConflict)
	if got := a.count("select count(*) from users"); got != users {
		t.Errorf("there are %d users, want %d", got, users)
	}
	if to := a.visitor().post(undo, nil).Header.Get("Location"); !strings.HasPrefix(to, "/password/") {
		t.Errorf("the owner of the former address is led to %q, want the choice of a password", to)
	}
}

func TestALinkToAnAddressThatIsTakenMeanwhileChangesNothing(t *testing.T) {
	a := newApp(t, sendsMail)
	ana := a.customer("Ana").confirmed()
	ana.wantsAddress("new@example.org").leadsTo(t, "/account")
	link := a.mailedLink("new@example.org")
	a.customer("New")
	a.visitor().post(link, nil).wants(t, http.StatusConflict, "another account")
	if got, want := a.addressOf(ana.id), "ana@example.org confirmed"; got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
}

func TestWithoutMailAnotherAddressIsUsedAtOnce(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").confirmed()
	ana.get("/account").wants(t, http.StatusOK).lacks(t, "unconfirmed", "mail you", "mailed")
	ana.follow(ana.wantsAddress("new@example.org").leadsTo(t, "/account")).wants(t, http.StatusOK, "Your name and address are saved.")
	if got, want := a.addressOf(ana.id), "new@example.org"; got != want {
		t.Errorf("the address is %q, want %q: nobody has confirmed it", got, want)
	}
}
