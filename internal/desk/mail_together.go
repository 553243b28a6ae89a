package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/db"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

const (
	// longestChat is after which time messages are mailed although the chat goes on.
	longestChat = 10 * time.Minute
	// maxNotices is the maximum number of events of one mail.
	maxNotices = 50
	// maxExcerpt is the maximum number of characters of a text in a mail about several events.
	maxExcerpt = 1000
)

// writeTogether writes the mails about events that have waited long enough.
func (m *Mail) writeTogether(ctx context.Context) error {
	chats, err := m.q.DueConversations(ctx, db.DueConversationsParams{Now: m.Now(), QuietSince: m.Now().Add(-quietTime), LongestSince: m.Now().Add(-longestChat)})
	if err != nil {
		return fmt.Errorf("find messages for mails: %w", err)
	}
	var failed error
	for _, c := range chats {
		failed = errors.Join(failed, m.inTransaction(ctx, func(q *db.Queries) (jobs.Mail, error) { return m.writeConversation(ctx, q, c.TicketID, c.UserID) }))
	}
	users, err := m.q.DueNotices(ctx, db.DueNoticesParams{Now: m.Now(), Since: m.Now().Add(-noticeTime)})
	if err != nil {
		return errors.Join(failed, fmt.Errorf("find events for mails: %w", err))
	}
	for _, id := range users {
		failed = errors.Join(failed, m.inTransaction(ctx, func(q *db.Queries) (jobs.Mail, error) { return m.writeNotices(ctx, q, id) }))
	}
	return failed
}

// inTransaction runs f in a transaction and adds the job that it returns.
func (m *Mail) inTransaction(ctx context.Context, f func(q *db.Queries) (jobs.Mail, error)) error {
	return m.tx(ctx, func(q *db.Queries) error {
		job, err := f(q)
		if err != nil || job == (jobs.Mail{}) {
			return err
		}
		return m.adder.AddMails(ctx, q.Transaction(), []jobs.Mail{job})
	})
}

// writeConversation writes one mail about the chat messages of a ticket that its requester has not
// read.
func (m *Mail) writeConversation(ctx context.Context, q *db.Queries, ticketID, userID int64) (jobs.Mail, error) {
	seqs, err := q.TakeConversation(ctx, db.TakeConversationParams{TicketID: ticketID, UserID: userID})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("take messages for a mail: %w", err)
	}
	read, err := q.ReadSeq(ctx, db.ReadSeqParams{TicketID: ticketID, UserID: userID})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("read a read position: %w", err)
	}
	seqs = slices.DeleteFunc(seqs, func(seq int64) bool { return seq <= read })
	slices.Sort(seqs)
	if len(seqs) > maxNotices { // the older ones are on the page
		seqs = seqs[len(seqs)-maxNotices:]
	}
	rows, err := q.MailEvents(ctx, db.MailEventsParams{Tickets: slices.Repeat([]int64{ticketID}, len(seqs)), Seqs: seqs})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("read messages for a mail: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(e db.MailEventsRow) bool { return !isForRequester(e) || !preferences(e.MailPrefs).Answer })
	if len(rows) == 0 {
		return jobs.Mail{}, nil
	}
	files, err := mailFiles(ctx, q, rows)
	if err != nil {
		return jobs.Mail{}, err
	}
	return m.writeAnswer(ctx, q, rows, files, m.Now())
}

// writeNotices writes one mail to a member of staff about all events that are due.
func (m *Mail) writeNotices(ctx context.Context, q *db.Queries, userID int64) (jobs.Mail, error) {
	rows, err := q.TakeNotices(ctx, db.TakeNoticesParams{UserID: userID, Now: m.Now(), Max: maxNotices})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("take events for a mail: %w", err)
	}
	box, ok := m.box(0)
	if len(rows) == 0 || !ok {
		return jobs.Mail{}, nil
	}
	out := outgoing{box: box, kind: MailNotice, userID: userID, email: rows[0].Email, to: mail.Address{Name: rows[0].Username, Addr: rows[0].Email},
		content: m.noticeContent(userID, rows), unsubscribe: m.unsubscribeURL(userID)}
	out.content.Unsubscribe = out.unsubscribe
	for _, r := range rows {
		if !slices.Contains(out.tickets, r.TicketID) {
			out.tickets = append(out.tickets, r.TicketID)
		}
	}
	if len(out.tickets) == 1 {
		out.references = []string{m.rootID(out.tickets[0], box.From)}
	}
	return m.write(ctx, q, out)
}

// noticeContent returns what a mail to staff says.
func (m *Mail) noticeContent(userID int64, rows []db.TakeNoticesRow) MailContent {
	c := MailContent{Button: MailLink{"Open the desk", m.opts.Mail.PublicURL + "/notifications"},
		Notes: []string{"You get this because of the mails you have chosen on your account's page. Answers to this mail do not reach the tickets."}}
	var tickets []string
	for _, r := range rows {
		title := ticketSubject(r.TicketID, r.Subject)
		entry := MailEntry{Meta: noticeMeta(r, userID) + ", " + m.mailTime(r.CreatedAt), Text: excerpt(r.Body)}
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
		c.Button = MailLink{"Open the ticket", m.ticketURL(rows[0].TicketID)}
	}
	return c
}

// noticeMeta returns who did what.
func noticeMeta(r db.TakeNoticesRow, userID int64) string {
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
