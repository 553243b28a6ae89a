package views

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/internal/desk"
)

// mailKinds says what the kinds of mails are about.
var mailKinds = map[desk.MailKind]string{
	desk.MailAnswer: "Answer to the requester", desk.MailStatus: "Status of the ticket, to the requester", desk.MailNotice: "Events, to staff", desk.MailPassword: "Password",
	desk.MailVerify: "Confirmation of an address", desk.MailAddressChange: "Change of an address", desk.MailInvitation: "Invitation", desk.MailTest: "Test",
}

func mailPath(id int64) string { return "/admin/mail/" + strconv.FormatInt(id, 10) }

// mailTickets returns the tickets that a mail is about.
func mailTickets(m desk.ShownMail) []int64 {
	if m.TicketID != 0 {
		return []int64{m.TicketID}
	}
	return m.Tickets
}

// recipientState returns what has become of a mail for a recipient.
func recipientState(r desk.MailRecipient) string {
	switch r.State {
	case desk.RecipientAccepted:
		return "Accepted"
	case desk.RecipientFailed:
		return "Failed"
	case desk.RecipientBounced:
		return "Bounced"
	}
	return "Waits"
}

// serverAnswer returns the last answer of the server about a recipient, or what failed before one.
func serverAnswer(r desk.MailRecipient) string {
	switch {
	case r.Code == 0 && r.Text == "":
		return "None yet"
	case r.Code == 0:
		return r.Text
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Text))
}
