package main

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailout"
	mailviews "frontdesk/views/mail"
)

// sendsMail gives a desk a mailbox. Nothing sends its mails: tests read them in the database.
func sendsMail(o *desk.Options) {
	o.Mail = mailout.Options{Server: &mail.Server{Host: "mail.invalid", Port: 25, Security: mail.NoTLS}, From: mail.Address{Addr: "help@example.org"},
		DeskName: "Lindqvist Bikes", PublicURL: "https://desk.example.org", Keys: [][]byte{[]byte("a secret of the instance, 32 bytes")}, Render: mailviews.Render}
}

// mailedLink returns the path of the link in the newest mail to an address.
func (d liveDesk) mailedLink(t *testing.T, to string) string {
	t.Helper()
	if err := d.desk.Accounts.Passwords.HandleRequests(t.Context()); err != nil {
		t.Fatal(err)
	}
	var raw []byte
	err := d.pool.QueryRow(t.Context(), "select o.raw from mail_out o join mail_rcpt r on r.mail_out_id = o.id where r.addr = $1 order by o.id desc limit 1", to).Scan(&raw)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`https://desk\.example\.org(/\w+/[a-z2-7]{26})`).FindSubmatch(bytes.ReplaceAll(raw, []byte("=\r\n"), nil))
	if link == nil {
		t.Fatalf("the mail to %s has no link", to)
	}
	return string(link[1])
}

// show inspects a page, and draws it if pictures are wanted.
func (b *tab) show(name, path string) {
	b.t.Helper()
	b.visit(path)
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		b.draw(folder, name, path)
	}
}

func TestPagesOfMailedLinksAreAccessibleAndTheirFormsWork(t *testing.T) {
	d := startLimitedDesk(t, limit.Limits{SignIn: plenty, Register: plenty, Tickets: plenty, Uploads: plenty}, sendsMail)
	newPerson(t, d.base).registerByAPI("Ana Kovač", "ana@example.org")
	confirm := d.mailedLink(t, "ana@example.org")

	b := newTab(t, d.base)
	b.allow("status of 404")
	b.enter("ana@example.org")
	b.see("#unconfirmed")
	b.show("unconfirmed", "/tickets")
	signsOut(b)
	b.show("sign-in", "/login")
	b.show("password", "/password")
	b.fill("#email", "ana@example.org")
	b.press("Send the link")
	b.read("Check your mail")
	b.show("password-sent", "/password?sent=1")
	b.show("password-gone", "/password/guessed")
	link := d.mailedLink(t, "ana@example.org")
	b.show("password-link", link)
	b.fill("#password", "another long password")
	b.press("Set the password and sign in")
	b.read("Your password is set")
	b.show("email-confirm", confirm) // the link for the password has confirmed the address, so that this one is still valid
	b.press("Confirm your address")
	b.read("Your address is confirmed")

	b.open("/account")
	b.fill("#email", "ana@kovac.example")
	b.fill("#profile-current", "another long password")
	b.click(`form[action="/account/profile"] button`)
	b.read("is used once you open the link")
	b.show("account-pending", "/account")
	b.show("email-undo", d.mailedLink(t, "ana@example.org"))
	b.show("email-new", d.mailedLink(t, "ana@kovac.example"))
	b.press("Use this address")
	b.read("Your address is ana@kovac.example now")
	signsOut(b)
	b.signIn(adminEmail)
	b.show("invitations", "/admin/invitations")
	b.fill("#email", "lena@example.org")
	b.press("Invite")
	b.read("We mail an invitation to this address")
	b.inspect("a new invitation")
}
