package mailout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

const (
	// maxNotices is the maximum number of events of one mail.
	maxNotices = 50
	// maxExcerpt is the maximum number of characters of a text in a mail about several events.
	maxExcerpt = 1000
)

// mailedEvent is an event of a mail to staff, as it is stored with the mail.
type mailedEvent struct {
	Ticket int64         `json:"ticket"`
	Seq    int64         `json:"seq"`
	Reason db.MailReason `json:"reason"`
}

// writeNotices writes one mail to a member of staff about all events that are due.
func (m *composer) writeNotices(ctx context.Context, q *db.Queries, userID int64) (jobs.Mail, error) {
	taken, err := q.TakeNotices(ctx, db.TakeNoticesParams{UserID: userID, Now: m.Now(), Max: maxNotices})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("take events for a mail: %w", err)
	}
	events := make([]mailedEvent, len(taken))
	for i, e := range taken {
		events[i] = mailedEvent{e.TicketID, e.Seq, e.Reason}
	}
	rows, err := noticeEvents(ctx, q, userID, events)
	if err != nil {
		return jobs.Mail{}, err
	}
	box, ok := m.box(0)
	if len(rows) == 0 || !ok {
		return jobs.Mail{}, nil
	}
	return m.write(ctx, q, m.notice(box, userID, rows))
}

// noticeEvents returns those events that the user should get in a mail now.
func noticeEvents(ctx context.Context, q *db.Queries, userID int64, events []mailedEvent) ([]db.NoticeEventsRow, error) {
	in := db.NoticeEventsParams{UserID: userID}
	for _, e := range events {
		in.Tickets, in.Seqs, in.Reasons = append(in.Tickets, e.Ticket), append(in.Seqs, e.Seq), append(in.Reasons, string(e.Reason))
	}
	rows, err := q.NoticeEvents(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read events for a mail: %w", err)
	}
	return rows, nil
}

// notice returns the mail to a member of staff about events.
func (m *composer) notice(box Mailbox, userID int64, rows []db.NoticeEventsRow) outgoing {
	out := outgoing{box: box, kind: KindNotice, userID: userID, email: rows[0].Email, to: mail.Address{Name: rows[0].Username, Addr: rows[0].Email},
		content: m.noticeContent(userID, rows), unsubscribe: m.unsubscribeURL(userID)}
	out.content.Unsubscribe = out.unsubscribe
	for _, r := range rows {
		out.events = append(out.events, mailedEvent{r.TicketID, r.Seq, r.Reason})
		if !slices.Contains(out.tickets, r.TicketID) {
			out.tickets = append(out.tickets, r.TicketID)
		}
	}
	if len(out.tickets) == 1 {
		out.references = []string{m.rootID(out.tickets[0], box.From)}
	}
	return out
}

// renewNotice writes a mail about events again without those that its reader has read, may not
// read, or does not want any more, because mails wait for days while a server is away. It skips the
// mail if no event is left.
func (m *composer) renewNotice(ctx context.Context, id int64) error {
	return m.tx(ctx, func(q *db.Queries) error {
		row, err := q.LockNotice(ctx, db.LockNoticeParams{ID: id, Now: m.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock a mail about events: %w", err)
		}
		var events []mailedEvent
		if err := json.Unmarshal(row.Events, &events); err != nil {
			return fmt.Errorf("decode the events of mail %d: %w", id, err)
		}
		left, err := noticeEvents(ctx, q, row.UserID, events)
		if err != nil || len(left) == len(events) {
			return err
		}
		return m.rewriteNotice(ctx, q, id, row, left)
	})
}

// rewriteNotice replaces the bytes of a mail by those about the events that are left.
func (m *composer) rewriteNotice(ctx context.Context, q *db.Queries, id int64, row db.LockNoticeRow, left []db.NoticeEventsRow) error {
	box, ok := m.box(row.MailboxID)
	if len(left) == 0 || !ok {
		return q.SkipMail(ctx, db.SkipMailParams{ID: id, Now: m.Now(), Text: "its events were read, or its reader must not or does not want to get them any more"})
	}
	out := m.notice(box, row.UserID, left)
	in := db.AddMailParams{MessageID: row.MessageID, Subject: mail.OneLine(out.content.Subject), Now: m.Now()}
	switch problem, err := m.render(&in, out); {
	case err != nil:
		return err
	case problem != nil:
		return q.GiveUpMail(ctx, db.GiveUpMailParams{ID: id, Now: m.Now(), Text: cannotGetMail(problem)})
	}
	encoded, err := json.Marshal(out.events)
	if err != nil {
		return fmt.Errorf("encode the events of a mail: %w", err)
	}
	return q.RewriteNotice(ctx, db.RewriteNoticeParams{ID: id, Raw: in.Raw, Subject: in.Subject, Tickets: out.tickets, Events: encoded})
}

// noticeContent returns what a mail to staff says.
func (m *composer) noticeContent(userID int64, rows []db.NoticeEventsRow) Content {
	c := Content{Button: Link{"Open the desk", m.opts.PublicURL + "/notifications"},
		Notes: []string{"You get this because of the mails you have chosen on your account's page. Answers to this mail do not reach the tickets."}}
	var tickets []string
	for _, r := range rows {
		title := ticketSubject(r.TicketID, r.Subject)
		entry := Entry{Meta: noticeMeta(r, userID) + ", " + m.mailTime(r.CreatedAt), Text: excerpt(r.Body), Quoted: true}
		if !slices.Contains(tickets, title) {
			tickets = append(tickets, title)
			entry.Title, entry.URL = title, m.ticketURL(r.TicketID)
		}
		c.Entries = append(c.Entries, entry)
	}
	c.Subject = tickets[0]
	if len(tickets) > 1 {
		c.Subject = fmt.Sprintf("%d tickets need you", len(tickets))
		c.Intro = []string{fmt.Sprintf("There is news on %d tickets.", len(tickets))}
	} else {
		c.Button = Link{"Open the ticket", m.ticketURL(rows[0].TicketID)}
	}
	return c
}

// noticeMeta returns the sentence about the author of an event and their action.
func noticeMeta(r db.NoticeEventsRow, userID int64) string {
	switch r.Reason {
	case db.MailReasonAssigned:
		if r.AuthorID == userID {
			return "The ticket was assigned to you in turn"
		}
		return r.Author + " assigned the ticket to you"
	case db.MailReasonMentioned:
		return r.Author + " mentioned you in a note"
	case db.MailReasonOpened:
		return r.Author + " opened the ticket"
	}
	return r.Author + " answered"
}

// excerpt returns the beginning of a text.
func excerpt(text string) string {
	runes := []rune(strings.TrimSpace(text))
	if len(runes) <= maxExcerpt {
		return string(runes)
	}
	return string(runes[:maxExcerpt]) + " …"
}
