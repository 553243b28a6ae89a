package views

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/input"
	"frontdesk/internal/mailout"
	"frontdesk/views/ui"
)

// DeliveryStatusPage is the data of the delivery status of the mail about one entry.
type DeliveryStatusPage struct {
	Ticket *desk.Ticket
	Seq    int64
	Kind   event.Kind // of the entry
	At     time.Time  // of the entry
	Status *mailout.DeliveryStatus
}

// mailSoon and messageSoon are how long a page waits for the mail about a new entry to be written, and
// for a chat message to be noted for a mail.
const (
	mailSoon    = 20 * time.Second
	messageSoon = 5 * time.Second
)

// deliveryStatusPage returns the data of the delivery status of the mail about an entry.
func deliveryStatusPage(t *desk.Ticket, e *desk.Event) DeliveryStatusPage {
	return DeliveryStatusPage{Ticket: t, Seq: e.Seq, Kind: e.Kind, At: e.CreatedAt, Status: e.Mail}
}

// mayHaveMail reports whether the page shows the delivery status of mails about an entry: the staff
// side sees it on entries of staff.
func mayHaveMail(ctx context.Context, t *desk.Ticket, e *desk.Event) bool {
	f := ui.FrameOf(ctx)
	return f.Mail && (e.Kind == event.KindComment || e.Kind == event.KindStatus) && desk.SeesInternal(f.Actor, *t) && e.SideIn(*t) == desk.StaffSide
}

// addDeliveryStatuses adds the delivery status, for the staff side, to the chat messages that have a mail and to
// the newest message of staff, which may get one.
func addDeliveryStatuses(f *ui.Frame, t *desk.Ticket, days []chatDay) []chatDay {
	if !f.Mail {
		return days
	}
	isNewest := true
	for i := len(days) - 1; i >= 0; i-- {
		for j := len(days[i].messages) - 1; j >= 0; j-- {
			m := &days[i].messages[j]
			if m.event.SideIn(*t) != desk.StaffSide {
				continue
			}
			if m.event.Mail != nil || isNewest {
				m.delivery = new(DeliveryStatusPage)
				*m.delivery = deliveryStatusPage(t, &m.event)
			}
			isNewest = false
		}
	}
	return days
}

func deliveryURL(ticketID, seq int64) string {
	return fmt.Sprintf("/tickets/%d/mails/%d", ticketID, seq)
}

// buttonID returns the id of a button. With an id it keeps the focus when the open page asks again.
func (p DeliveryStatusPage) buttonID(do string) string {
	return fmt.Sprintf("delivery%d-%s", p.Seq, do)
}

// trigger returns when the page asks for the status again, or "" for never.
func (p DeliveryStatusPage) trigger(now time.Time) string {
	switch {
	case p.Status == nil && now.Sub(p.At) < p.soon():
		return "load delay:1s"
	case p.Status == nil || p.Status.IsFinal():
		return ""
	case p.Status.State == mailout.Sending, p.Status.State == mailout.Queued && !p.Status.Paused:
		return "load delay:3s"
	case p.Status.State == mailout.Waiting:
		return "load delay:10s"
	}
	return "load delay:60s"
}

// soon returns how long after the entry a page without a mail asks for it.
func (p DeliveryStatusPage) soon() time.Duration {
	if p.Kind == event.KindMessage {
		return messageSoon
	}
	return mailSoon
}

// undoTime returns how long the mail about an entry can be withdrawn.
func (p DeliveryStatusPage) undoTime() string {
	if p.Kind == event.KindMessage {
		return input.Duration(mailout.QuietTime)
	}
	return input.Duration(mailout.UndoTime)
}

// tone returns the value of data-tone.
func (p DeliveryStatusPage) tone() string {
	switch p.Status.State {
	case mailout.Sent:
		return "ok"
	case mailout.Failed:
		return "bad"
	case mailout.Queued, mailout.Sending, mailout.Deferred, mailout.Waiting:
		return "wait"
	}
	return ""
}

func deliveryIcon(f mailout.DeliveryStatus) string {
	switch f.State {
	case mailout.Sent:
		return "check"
	case mailout.Failed:
		return "circle-alert"
	case mailout.Queued, mailout.Sending, mailout.Deferred, mailout.Waiting:
		return "clock"
	}
	return "info"
}

// deliveryWords returns the text before the recipient of a mail.
func deliveryWords(f mailout.DeliveryStatus) string {
	switch {
	case f.State == mailout.Sent:
		return "Mailed to"
	case f.State == mailout.Sending:
		return "Being mailed to"
	case f.State == mailout.Queued || f.State == mailout.Waiting:
		return "Waits to be mailed to"
	case f.State == mailout.Deferred:
		return "Not mailed yet to"
	case f.State == mailout.Failed:
		return "Not mailed to"
	case f.State == mailout.Cancelled:
		return "Mail withdrawn: not sent to"
	}
	return "Not mailed to"
}

// deliveryReason returns the text after the recipient: why the mail has this status.
func deliveryReason(f mailout.DeliveryStatus) string {
	out := ""
	switch {
	case f.Paused && f.CanWithdraw():
		out = ", because the mailbox is paused"
	case f.State == mailout.Deferred || f.State == mailout.Failed || f.State == mailout.Skipped:
		out = ": " + f.Text
	case f.State == mailout.Cancelled:
		out = " (" + f.Text + ")"
	}
	switch {
	case f.Doubled && f.State == mailout.Cancelled:
		out += ". It may have arrived before"
	case f.Doubled:
		out += ". It may arrive twice"
	}
	return out
}

// retryLabel returns the label of the button that sends a mail again. Pages add for screen readers what it sends.
func retryLabel(f mailout.DeliveryStatus) string {
	if f.State == mailout.Cancelled {
		return "Send"
	}
	return "Retry"
}
