package mailout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/jobs"
	"frontdesk/internal/outbox"
)

const (
	// UndoTime is how long an answer's mail waits, so that it can be withdrawn.
	UndoTime = 10 * time.Second
	// QuietTime is how long a chat must be quiet before its messages are mailed.
	QuietTime = 2 * time.Minute
	// NoticeTime is how long staff have to read an event before they get a mail about it. It is also
	// the shortest time between two such mails.
	NoticeTime = 10 * time.Minute
)

// ConsumerName is the name of the consumer of events that writes mails.
const ConsumerName = "mail"

// mailedKinds are the kinds of events about which mails are written.
var mailedKinds = []db.EventKind{event.KindOpened, event.KindComment, event.KindMessage, event.KindStatus, event.KindNote, event.KindAssignment}

// Consumer returns the consumer of events that writes mails. It is registered only while there is a
// mailbox: events before are not mailed.
func (m *Sender) Consumer() outbox.Consumer {
	return outbox.Consumer{Name: ConsumerName, Kinds: mailedKinds, Unregistered: true, Deliver: m.deliver}
}

// unregister ends the queueing of events.
func (m *Sender) unregister(ctx context.Context) error {
	if err := m.q.UnregisterMail(ctx); err != nil {
		return fmt.Errorf("unregister the consumer of mail: %w", err)
	}
	return nil
}

// deliver writes the mails about events to requesters, and stores the events that are mailed
// together later.
func (m *Sender) deliver(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
	if !m.Enabled() {
		return nil
	}
	q := m.q.WithTx(tx)
	in := db.MailEventsParams{}
	for _, e := range events {
		in.Tickets, in.Seqs = append(in.Tickets, e.TicketID), append(in.Seqs, e.Seq)
	}
	rows, err := q.MailEvents(ctx, in)
	if err != nil {
		return fmt.Errorf("read events for mails: %w", err)
	}
	if err := m.addWaiting(ctx, q, rows); err != nil {
		return err
	}
	return m.writeAnswers(ctx, q, rows)
}

// addWaiting stores the events that are mailed later.
func (m *Sender) addWaiting(ctx context.Context, q *db.Queries, rows []db.MailEventsRow) error {
	messages := db.AddWaitingMessagesParams{WaitSeconds: QuietTime.Seconds()}
	notices := db.AddWaitingNoticesParams{WaitSeconds: NoticeTime.Seconds()}
	for _, e := range rows {
		if e.Kind == event.KindMessage && isForRequester(e) && account.StoredMailPreferences(e.MailPrefs).Answer {
			messages.Users, messages.Tickets = append(messages.Users, e.RequesterID), append(messages.Tickets, e.TicketID)
			messages.Seqs, messages.Times = append(messages.Seqs, e.Seq), append(messages.Times, e.CreatedAt)
		}
		for reason, targets := range noticesOf(e) {
			for _, target := range targets {
				notices.Tickets, notices.Seqs = append(notices.Tickets, e.TicketID), append(notices.Seqs, e.Seq)
				notices.Reasons, notices.Authors = append(notices.Reasons, string(reason)), append(notices.Authors, actorOf(e))
				notices.Targets, notices.Times = append(notices.Targets, target), append(notices.Times, e.CreatedAt)
			}
		}
	}
	if len(messages.Users) > 0 {
		if err := q.AddWaitingMessages(ctx, messages); err != nil {
			return fmt.Errorf("store messages for mails: %w", err)
		}
	}
	if len(notices.Tickets) > 0 {
		if err := q.AddWaitingNotices(ctx, notices); err != nil {
			return fmt.Errorf("store events for mails: %w", err)
		}
	}
	return nil
}

// actorOf returns the user who caused an event. It is 0 for an assignment in turn, whose event has
// the assignee as its author.
func actorOf(e db.MailEventsRow) int64 {
	if e.Kind == event.KindAssignment && event.Decode[event.AssignmentChange](e.Data).Why == event.WhyTurn {
		return 0
	}
	return e.AuthorID
}

// noticesOf returns the reasons for which staff get a mail about an event, with the ids of the
// users; the id 0 is all users to whom the reason applies.
func noticesOf(e db.MailEventsRow) map[db.MailReason][]int64 {
	everyone := []int64{0}
	switch e.Kind {
	case event.KindOpened:
		return map[db.MailReason][]int64{db.MailReasonOpened: everyone}
	case event.KindComment, event.KindMessage:
		if e.Side == db.EventSideRequester {
			return map[db.MailReason][]int64{db.MailReasonAnswered: everyone}
		}
	case event.KindNote:
		var mentioned []int64
		for _, who := range event.Decode[event.NoteData](e.Data).Mentions {
			mentioned = append(mentioned, who.ID)
		}
		return map[db.MailReason][]int64{db.MailReasonMentioned: mentioned}
	case event.KindAssignment:
		to := event.NewAssignee(e.AuthorID, event.Decode[event.AssignmentChange](e.Data))
		if to != 0 {
			return map[db.MailReason][]int64{db.MailReasonAssigned: {to}}
		}
	}
	return nil
}

// isForRequester reports whether an event is a public one of staff, of which the requester gets mail.
func isForRequester(e db.MailEventsRow) bool {
	return !e.Internal && e.Side == db.EventSideStaff && !e.Disabled
}

// writeAnswers writes the mails to requesters, and their jobs.
func (m *Sender) writeAnswers(ctx context.Context, q *db.Queries, rows []db.MailEventsRow) error {
	rows = slices.DeleteFunc(slices.Clone(rows), func(e db.MailEventsRow) bool { return !isForRequester(e) || !isMailed(e) })
	if len(rows) == 0 {
		return nil
	}
	files, err := filesOf(ctx, q, rows)
	if err == nil {
		err = checkFiles(files)
	}
	if err != nil {
		return err
	}
	var add []jobs.Mail
	for _, e := range rows {
		job, err := m.writeAnswer(ctx, q, []db.MailEventsRow{e}, files, e.CreatedAt.Add(UndoTime))
		if err != nil {
			return err
		}
		if job.Job != 0 { // else it was written before, or is due later
			add = append(add, job)
		}
	}
	return m.adder.AddMails(ctx, q.Transaction(), add)
}

// isMailed reports whether an event for the requester has a mail of its own: answers, tickets that
// staff opened for them, and the statuses resolved and reopened, unless an answer came with them.
func isMailed(e db.MailEventsRow) bool {
	prefs := account.StoredMailPreferences(e.MailPrefs)
	switch e.Kind {
	case event.KindOpened, event.KindComment:
		return prefs.Answer
	case event.KindStatus:
		return prefs.Status && !(e.WithComment && prefs.Answer) && statusWord(event.Decode[event.StatusChange](e.Data)) != ""
	}
	return false
}

// statusWord returns the word of a mail for a change of status by staff, or "" if it is not mailed.
func statusWord(c event.StatusChange) string {
	switch {
	case c.From.IsActive() == c.To.IsActive():
		return ""
	case c.To == db.TicketStatusCLOSED:
		return "closed"
	case c.To == db.TicketStatusRESOLVED:
		return "resolved"
	}
	return "reopened"
}
