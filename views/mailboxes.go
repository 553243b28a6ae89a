package views

import (
	"fmt"
	"net/url"

	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailout"
	"frontdesk/views/ui"
)

// MailboxesPage is the data of the list of mailboxes.
type MailboxesPage struct {
	Boxes        []mailout.SavedMailbox
	Configurable bool // mailboxes can be added, see [mailout.Sender.Configurable]
}

// MailboxPage is the data of the page of a mailbox. Saved is as it is saved, with the id 0 for a new
// one, and Form as it was typed.
type MailboxPage struct {
	Saved   mailout.SavedMailbox
	Form    mailout.MailboxInput
	Typed   url.Values // the numbers of the form as they were typed; nil for those of Form
	Stale   bool       // another admin has changed the mailbox since the form was loaded
	Invalid *fault.Invalid
	Trial   *mailout.Trial // nil unless the mailbox was just tested
}

func mailboxURL(id int64, action string) string {
	return fmt.Sprintf("/admin/mailboxes/%d%s", id, action)
}

// isNew reports whether the mailbox does not exist yet.
func (p MailboxPage) isNew() bool { return p.Saved.ID == 0 }

func (p MailboxPage) title() string {
	if p.isNew() {
		return "New mailbox"
	}
	return ui.Isolated(p.Saved.Address)
}

// action returns the address of the form.
func (p MailboxPage) action() string {
	if p.isNew() {
		return "/admin/mailboxes"
	}
	return mailboxURL(p.Saved.ID, "")
}

// field returns a field of the form.
func (p MailboxPage) field(name, label, hint, value string) ui.Input {
	rule := input.RulesOf(mailout.MailboxInput{})[name]
	if name == "port" || name == "rate" {
		rule.Max = 0 // the bound of the number, not of its length
	}
	return ui.Input{Name: name, Label: label, Hint: hint, Value: value, Rule: rule, Error: p.Invalid.Field(name), Autocomplete: "off"}
}

// number returns the value of a field with a number.
func (p MailboxPage) number(name string, n int) string {
	if p.Typed.Has(name) {
		return p.Typed.Get(name)
	}
	return fmt.Sprint(n)
}

// password returns the field of the password, which is always empty.
func (p MailboxPage) password() ui.Input {
	hint := "Many services want a password for apps here. It is stored encrypted and never shown."
	if p.Saved.HasPassword {
		hint = "A password is stored, and is never shown. Leave this empty to keep it; write it again for another server or user."
	}
	f := p.field("password", "Password", hint, "")
	f.Type, f.Autocomplete = "password", "new-password"
	return f
}

// rateHint explains the rate.
const rateHint = "Many providers accept a limited number, such as 30. Further mails wait. 0 is no limit."

// securityChoice is a way to encrypt the connection.
type securityChoice struct{ value, label, hint string }

var securityChoices = []securityChoice{
	{string(mail.StartTLS), "STARTTLS", "usually on port 587"},
	{string(mail.TLS), "TLS", "usually on port 465"},
	{string(mail.NoTLS), "None", "only for a server on this machine, or without a password"},
}

// serverText returns the server of a mailbox.
func serverText(b mailout.SavedMailbox) string {
	if b.Host == "" {
		return b.Problem
	}
	for _, c := range securityChoices {
		if c.value == b.Security && c.value != string(mail.NoTLS) {
			return fmt.Sprintf("%s:%d, %s", b.Host, b.Port, c.label)
		}
	}
	return fmt.Sprintf("%s:%d, without TLS", b.Host, b.Port)
}

// waitingText returns how many mails wait in a mailbox, or "".
func waitingText(b mailout.SavedMailbox) string {
	switch {
	case b.Waiting == 0:
		return ""
	case b.Waiting == 1:
		return "1 mail waits."
	case b.Waiting >= 1000:
		return "1,000 mails or more wait."
	}
	return fmt.Sprintf("%d mails wait.", b.Waiting)
}

// samplePreview fills a signature with the values of an example.
func samplePreview(signature, agent, deskName string) string {
	return mailout.FillSignature(signature, mailout.SignatureFields{Agent: agent, Desk: deskName, Ticket: "#1042"})
}
