package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/mail/mailtest"
	"frontdesk/internal/mailout"
	mailviews "frontdesk/views/mail"
)

// mailSetUp are the options of a desk on which mailboxes can be added.
var mailSetUp = mailout.Options{DeskName: "Frontdesk", PublicURL: "https://desk.example.org", Keys: testKeys, Render: mailviews.Render}

// newMailApp is newApp for a desk on which mailboxes can be added.
func newMailApp(t *testing.T) *app {
	t.Helper()
	return newApp(t, func(o *desk.Options) { o.Mail = mailSetUp })
}

// mailbox adds a mailbox whose server cannot be opened, and returns its id.
func (a *app) mailbox() (id int64) {
	a.t.Helper()
	a.exec("delete from mailboxes where address = 'old@example.org'")
	err := a.pool.QueryRow(a.t.Context(), "insert into mailboxes (address, outbound) values ('old@example.org', 'x') returning id").Scan(&id)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

// fieldsFor returns the fields of a mailbox with the given server.
func fieldsFor(smtp *mailtest.Server, changes ...string) url.Values {
	s := smtp.Target()
	out := fields("address", "support@example.org", "host", s.Host, "port", s.Addr()[strings.LastIndexByte(s.Addr(), ':')+1:], "security", string(s.Security), "user", s.User, "password", s.Password, "rate", "0")
	for name, values := range fields(changes...) {
		out[name] = values
	}
	return out
}

func TestAMailboxIsAddedTestedChangedPausedAndDeleted(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t, mailtest.WithLogin("support", "correct horse"))
	priya := app.admin("Priya")
	if app.desk.Mail.Enabled() {
		t.Fatal("the desk sends mail without a mailbox")
	}
	added := priya.post("/admin/mailboxes", fieldsFor(smtp, "signature", "{agent} of {desk}\nTicket {ticket}"))
	page := priya.follow(added)
	if got := page.text("#flash"); got != "The mailbox support@example.org is added. Send a test mail now." {
		t.Errorf("added: %q", got)
	}
	if !app.desk.Mail.Enabled() {
		t.Error("the desk does not send mail with a mailbox")
	}
	if got := page.text("#preview"); got != "Priya of Frontdesk Ticket #1042" {
		t.Errorf("the preview of the signature is %q", got)
	}
	path := added.Header.Get("Location")
	tried := priya.post(path+"/test", nil).wants(t, http.StatusOK, "The server took the test mail.", "235 2.7.0 welcome", "queued as 4F00D")
	if strings.Contains(tried.body, "correct horse") {
		t.Errorf(`the page shows the password: the body is %s, want it without "correct horse"`, tried.body)
	}
	if strings.Contains(tried.body, "AHN1cHBvcnQ") {
		t.Errorf(`the page shows the password: the body is %s, want it without "AHN1cHBvcnQ"`, tried.body)
	}
	got := smtp.Messages()
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if got[0].To[0] != "support@example.org" {
		t.Errorf(`got[0].To[0] is %q, want "support@example.org"`, got[0].To[0])
	}
	priya.follow(priya.post(path, fieldsFor(smtp, "password", "", "from_name", "Support", "version", "1"))).wants(t, http.StatusOK, "The mailbox is saved.")
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "The server took the test mail.")
	priya.follow(priya.post(path+"/paused", url.Values{"paused": {"true"}})).wants(t, http.StatusOK, "paused by Priya")
	priya.follow(priya.post(path+"/paused", url.Values{"paused": {"false"}})).wants(t, http.StatusOK, "Sending is resumed.")
	priya.follow(priya.post(path+"/delete", nil)).wants(t, http.StatusOK, "The mailbox is deleted.", "No mailboxes yet")
	if app.desk.Mail.Enabled() {
		t.Error("the desk sends mail without a mailbox")
	}
	if n := app.count("select count(*) from mailboxes where outbound is not null"); n != 0 {
		t.Errorf("%d passwords are stored after the deletion, want 0", n)
	}
}

func TestAPasswordIsNotSentToAnotherServerThanItWasTypedFor(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t, mailtest.WithLogin("support", "correct horse"))
	priya := app.admin("Priya")
	path := priya.post("/admin/mailboxes", fieldsFor(smtp)).Header.Get("Location")
	for name, change := range map[string][]string{"host": {"host", "localhost"}, "port": {"port", "26"}, "user": {"user", "another"}} {
		got := priya.post(path, fieldsFor(smtp, append(change, "password", "", "version", "1")...))
		got.wants(t, http.StatusUnprocessableEntity)
		if text := got.text("#password-error"); text == "" {
			t.Errorf("another %s: the text of #password-error is empty", name)
		}
	}
}

func TestATestOfAMailboxSaysAtWhichStepItFails(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t, mailtest.WithLogin("support", "correct horse"))
	priya := app.admin("Priya")
	path := priya.post("/admin/mailboxes", fieldsFor(smtp, "password", "wrong")).Header.Get("Location")
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "auth: 535 5.7.8 wrong password", "Check the user and the password.")
	priya.follow(priya.post(path, fieldsFor(smtp, "version", "1"))).wants(t, http.StatusOK, "The mailbox is saved.")
	smtp.FailAt(mailtest.Rcpt, mailtest.Act{Reply: "550 5.1.1 no such user"})
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "rcpt: 550 5.1.1 no such user")
	smtp.FailAt(mailtest.End, mailtest.Act{Drop: true})
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "The test mail may have been sent.", "Look whether it arrives.")
	smtp.FailAt(mailtest.Rcpt, mailtest.Act{Reply: "550 5.1.1 no such user"})
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "The test mail was not sent.")
	if n := app.count("select count(*) from mailboxes where last_error like 'rcpt:%'"); n != 1 {
		t.Error("the mailbox has no error")
	}
}

func TestTwoAdminsDoNotOverwriteAMailbox(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t)
	priya := app.admin("Priya")
	path := priya.post("/admin/mailboxes", fieldsFor(smtp)).Header.Get("Location")
	priya.post(path, fieldsFor(smtp, "version", "1", "from_name", "First")).wants(t, http.StatusSeeOther)
	got := priya.post(path, fieldsFor(smtp, "version", "1", "from_name", "Second"))
	got.wants(t, http.StatusConflict).wantsElements(t, "#stale").wantsValues(t, map[string]string{"#from_name": "Second"})
}

func TestAMailboxWithAnUnknownPlaceholderOrAPlainPasswordIsRefused(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t)
	priya := app.admin("Priya")
	for field, change := range map[string][]string{
		"signature": {"signature", "{nobody}"},
		"security":  {"host", "mail.example.org", "user", "support", "password", "secret", "security", "none"},
		"address":   {"address", "support"},
		"port":      {"port", "70000"},
		"host":      {"host", ""},
	} {
		got := priya.post("/admin/mailboxes", fieldsFor(smtp, change...))
		got.wants(t, http.StatusUnprocessableEntity)
		if text := got.text("#" + field + "-error"); text == "" {
			t.Errorf("%s: the field has no error", field)
		}
	}
}

func TestTheMailboxOfTheEnvironmentKeepsItsServer(t *testing.T) {
	smtp := mailtest.New(t)
	server := smtp.Target()
	app := newApp(t, func(o *desk.Options) {
		o.Mail = mailSetUp
		o.Mail.Server, o.Mail.From.Addr = &server, "help@example.org"
	})
	if err := app.desk.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	priya := app.admin("Priya")
	path := priya.get("/admin/mailboxes").wants(t, http.StatusOK, "From the environment").doc.Find("ul.rows a").AttrOr("href", "")
	form := priya.get(path)
	form.lacksElements(t, "#host", "#password").wantsElements(t, "#signature")
	priya.follow(priya.post(path, url.Values{"signature": {"{desk}"}, "address": {"x@example.org"}, "rate": {"5"}, "version": {"1"}, "default": {"true"}})).wants(t, http.StatusOK, "The mailbox is saved.", "help@example.org")
	priya.post(path+"/test", nil).wants(t, http.StatusOK, "The server took the test mail.")
	priya.post(path+"/delete", nil).wants(t, http.StatusConflict)
}

func TestAButtonPressedInAnEndedSessionLeavesTheFormOfAMailboxAsItIsSaved(t *testing.T) {
	app := newMailApp(t)
	priya := app.admin("Priya")
	path := fmt.Sprintf("/admin/mailboxes/%d", app.mailbox())
	app.exec("update sessions set revoked_at = now() where user_id = $1", priya.id)
	priya.post(path+"/paused", url.Values{"paused": {"true"}})
	priya.signIn()
	page := priya.get(path)
	if got := page.value("#address"); got != "old@example.org" {
		t.Errorf("the address is %q, want old@example.org", got)
	}
	if page.has("#stale") {
		t.Error("the page says that another admin has changed the mailbox")
	}
}

// Who can choose the server gets the links of all accounts, and would become an admin with one.
func TestOnlyAdminsManageMailboxes(t *testing.T) {
	app, smtp := newMailApp(t), mailtest.New(t)
	manager := app.customer("Manager")
	app.exec("insert into roles (name, name_key, see_all, manage_users, manage_desk) values ('Manager', 'manager', true, true, true)")
	app.exec("update users set role = 'agent', custom_role = 'Manager' where id = $1", manager.id)
	manager.signIn()
	manager.get("/admin/settings").wants(t, http.StatusOK)
	manager.get("/admin/mailboxes").wants(t, http.StatusForbidden)
	manager.post("/admin/mailboxes", fieldsFor(smtp)).wants(t, http.StatusForbidden)
	if n := app.count("select count(*) from mailboxes"); n != 0 {
		t.Errorf("%d mailboxes are added, want none", n)
	}
	if page := manager.get("/admin/system"); page.has(`a[href^="/admin/mailboxes"]`) {
		t.Error("the page of the system leads to the mailboxes")
	}
}
