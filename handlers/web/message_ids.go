package web

import (
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Errors of a chat message that names another sender or ticket than its request.
var (
	ErrOtherSender = fault.NewInvalid("senderId", "senderId is another account. Nothing was stored.")
	ErrOtherTicket = fault.NewInvalid("ticketId", "ticketId is another ticket. Nothing was stored.")
)

// CheckMessageIDs checks the ids that clients of the first system send with a chat message: they have to be
// the actor and the ticket of the request. It returns [ErrOtherSender] or [ErrOtherTicket]. An id of 0 was not sent.
func CheckMessageIDs(actor account.Actor, ticketID, senderID, namedTicketID int64) error {
	switch {
	case senderID != 0 && senderID != actor.ID:
		return ErrOtherSender
	case namedTicketID != 0 && namedTicketID != ticketID:
		return ErrOtherTicket
	}
	return nil
}
