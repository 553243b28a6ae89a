package views

import (
	"fmt"

	"frontdesk/internal/mailout"
	"frontdesk/views/ui"
)

// MailsPage is the data of the list of outgoing mail.
type MailsPage struct {
	Mails  []mailout.Listing
	Filter mailout.Filter
	More   bool
}

// mailStates are the states by which the list can be filtered, with their names.
var mailStates = []struct {
	state mailout.State
	label string
}{{"", "All"}, {mailout.Queued, "Queued"}, {mailout.Deferred, "Waiting"}, {mailout.Sent, "Sent"}, {mailout.Failed, "Failed"}, {mailout.Cancelled, "Withdrawn"}, {mailout.Skipped, "Not needed"}}

// URL returns the address of the list.
func (p MailsPage) URL() string { return p.url(p.Filter.State, p.Filter.Before) }

// url returns the address of the list with another state or another beginning.
func (p MailsPage) url(state mailout.State, before int64) string {
	return ui.Address("/admin/mail", p.fields(state, before))
}

// fields returns the query of the list.
func (p MailsPage) fields(state mailout.State, before int64) map[string]string {
	fields := map[string]string{"state": string(state), "q": p.Filter.Email}
	if before > 0 {
		fields["before"] = fmt.Sprint(before)
	}
	return fields
}

// decision returns the address to which a form of a row is sent. It has the filter, because the
// answer leads back to this list.
func (p MailsPage) decision(id int64) string {
	return ui.Address(mailPath(id), p.fields(p.Filter.State, p.Filter.Before))
}

// next returns the address of the next page.
func (p MailsPage) next() string { return p.url(p.Filter.State, p.Mails[len(p.Mails)-1].ID) }
