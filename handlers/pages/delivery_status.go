package pages

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailout"
	"frontdesk/views"
)

// DeliveryStatus has the delivery status of the mails of a ticket.
type DeliveryStatus struct{ *core }

// Show renders the delivery status of the mail about one entry for an open page. Other
// browsers are redirected to the entry on the page of the ticket.
func (s *DeliveryStatus) Show(c echo.Context) error {
	id, seq, err := web.PathEntry(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	t, err := s.Desk.Tickets.Get(ctx, actor, id)
	switch {
	case err != nil:
		return err
	case !desk.SeesInternal(actor, t):
		return fault.ErrForbidden
	case !web.IsPartial(c):
		return web.SeeOther(c, entryURL(id, seq))
	}
	updates, err := s.Desk.Log.Timeline(ctx, actor, id, desk.TimelineRange{Before: seq + 1, Limit: 1})
	if err != nil {
		return err
	}
	if err := s.Desk.Mail.AddDeliveryStatuses(ctx, actor, &updates); err != nil {
		return err
	}
	page := views.DeliveryStatusPage{Ticket: &t, Seq: seq}
	if seq == 1 {
		page.Kind, page.At, page.Status = event.KindOpened, t.CreatedAt, updates.Mail
	}
	if n := len(updates.Entries); n > 0 && updates.Entries[n-1].Seq == seq {
		e := updates.Entries[n-1]
		page.Kind, page.At, page.Status = e.Kind, e.CreatedAt, e.Mail
	}
	return s.RenderBackground(c, views.DeliveryStatus(page))
}

// Decide withdraws the mail about an entry, or sends it again.
func (s *DeliveryStatus) Decide(c echo.Context) error {
	id, seq, err := web.PathEntry(c)
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	do := mailout.Decision(f.Get("do"))
	if err := s.Desk.Mail.DecideOnEvent(c.Request().Context(), web.ActorOf(c), id, seq, do); err != nil {
		return err
	}
	if web.IsPartial(c) {
		return web.SeeOther(c, fmt.Sprintf("/tickets/%d/mails/%d", id, seq))
	}
	if do == mailout.Withdraw {
		return web.Done(c, entryURL(id, seq), "The mail is withdrawn. What you wrote stays on the ticket.")
	}
	return web.Done(c, entryURL(id, seq), "The mail is sent again.")
}

func entryURL(ticketID, seq int64) string { return fmt.Sprintf("/tickets/%d#s%d", ticketID, seq) }
