package views

import (
	"fmt"

	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// MailsPage is the data of the list of outgoing mail.
type MailsPage struct {
	Mails  []desk.MailListing
	Filter desk.MailFilter
	More   bool
}

// mailStates are the states by which the list can be filtered, with their names.
var mailStates = []struct {
	state desk.MailState
	label string
}{{"", "All"}, {desk.MailQueued, "Queued"}, {desk.MailDeferred, "Waiting"}, {desk.MailSent, "Sent"}, {desk.MailFailed, "Failed"}, {desk.MailCancelled, "Withdrawn"}, {desk.MailSkipped, "Not needed"}}

// url returns the address of the list with another state or another beginning.
func (p MailsPage) url(state desk.MailState, before int64) string {
	fields := map[string]string{"state": string(state), "q": p.Filter.Email}
	if before > 0 {
		fields["before"] = fmt.Sprint(before)
	}
	return ui.Address("/admin/mail", fields)
}

// next returns the address of the next page.
func (p MailsPage) next() string { return p.url(p.Filter.State, p.Mails[len(p.Mails)-1].ID) }
