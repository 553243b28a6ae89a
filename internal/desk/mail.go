package desk

import (
	"context"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailout"
)

// Mail is the outgoing mail of the desk. It adds the mails about a ticket to its log.
type Mail struct {
	*mailout.Service
	core *core
}

// DeliveryStatuses returns the delivery status of the mails to the requester about the events of a ticket
// from first to last, by seq, see [mailout.Sender.DeliveryStatuses]. Only the staff side sees them; others get none.
func (m *Mail) DeliveryStatuses(ctx context.Context, actor account.Actor, t Ticket, first, last int64) (map[int64]mailout.DeliveryStatus, error) {
	if !m.Enabled() || !SeesInternal(actor, t) {
		return nil, nil
	}
	return m.Service.DeliveryStatuses(ctx, m.core.q, t.ID, first, last)
}

// AddDeliveryStatuses adds the delivery status of its mail to each entry of a timeline, as
// [Mail.DeliveryStatuses] returns it, and to a ticket that was opened for its requester.
func (m *Mail) AddDeliveryStatuses(ctx context.Context, actor account.Actor, t *Timeline) error {
	if t.Entered != "" {
		opening, err := m.DeliveryStatuses(ctx, actor, t.Ticket, 1, 1)
		if err != nil {
			return err
		}
		if f, ok := opening[1]; ok {
			t.Mail = &f
		}
	}
	if len(t.Entries) == 0 {
		return nil
	}
	statuses, err := m.DeliveryStatuses(ctx, actor, t.Ticket, t.Entries[0].Seq, t.Last())
	if err != nil {
		return err
	}
	for i := range t.Entries {
		if f, ok := statuses[t.Entries[i].Seq]; ok {
			t.Entries[i].Mail = &f
		}
	}
	return nil
}

// DecideOnEvent withdraws or retries the mail to the requester about an event. It returns
// [fault.ErrNotFound] if there is none, [fault.ErrForbidden] for users who may not answer the ticket
// as staff, and [fault.ErrTooLate] if the state of the mail does not allow it.
func (m *Mail) DecideOnEvent(ctx context.Context, actor account.Actor, ticketID, seq int64, do mailout.Decision) error {
	return m.core.act(ctx, actor, func(q *db.Queries) error {
		t, err := m.core.ticket(ctx, q, actor, ticketID)
		switch {
		case err != nil:
			return err
		case !SeesInternal(actor, t) || !May(actor, ToReply, t):
			return fault.ErrForbidden
		}
		return m.Service.DecideOnAnswer(ctx, q, actor, mailout.Answer{TicketID: t.ID, RequesterID: t.RequesterID, Seq: seq}, do)
	})
}

// ReachesRequester reports whether the requester of a ticket gets answers by mail, too.
func (m *Mail) ReachesRequester(ctx context.Context, t Ticket) (bool, error) {
	if !m.Enabled() {
		return false, nil
	}
	wants, err := m.core.q.WantsAnswers(ctx, t.RequesterID)
	if err != nil {
		return false, db.Found(err, "read the mail preferences of a requester")
	}
	return wants, nil
}
