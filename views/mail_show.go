package views

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/internal/mailout"
)

// mailKinds says what the kinds of mails are about.
var mailKinds = map[mailout.Kind]string{
	mailout.KindAnswer: "Answer to the requester", mailout.KindStatus: "Status of the ticket, to the requester", mailout.KindNotice: "Events, to staff", mailout.KindPassword: "Password",
	mailout.KindVerify: "Confirmation of an address", mailout.KindAddressChange: "Change of an address", mailout.KindInvitation: "Invitation", mailout.KindTest: "Test",
}

func mailPath(id int64) string { return "/admin/mail/" + strconv.FormatInt(id, 10) }

// mailTickets returns the tickets that a mail is about.
func mailTickets(m mailout.Mail) []int64 {
	if m.TicketID != 0 {
		return []int64{m.TicketID}
	}
	return m.Tickets
}

// recipientState returns the delivery status of a mail for a recipient.
func recipientState(r mailout.Recipient) string {
	switch r.State {
	case mailout.RecipientAccepted:
		return "Accepted"
	case mailout.RecipientFailed:
		return "Failed"
	case mailout.RecipientBounced:
		return "Bounced"
	}
	return "Waiting"
}

// serverAnswer returns the last answer of the server about a recipient, or what failed before one.
func serverAnswer(r mailout.Recipient) string {
	switch {
	case r.Code == 0 && r.Text == "":
		return "None yet"
	case r.Code == 0:
		return r.Text
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Text))
}
