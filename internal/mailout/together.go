package mailout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/jobs"
)

// longestChat is the time after which messages are mailed even if the chat goes on.
const longestChat = 10 * time.Minute

// conversationDue returns when chat messages are mailed, from the times of the oldest and the newest one.
func conversationDue(oldest, newest time.Time) time.Time {
	quiet, longest := newest.Add(QuietTime), oldest.Add(longestChat)
	if longest.Before(quiet) {
		return longest
	}
	return quiet
}

// writeTogether writes the mails about events that have waited long enough.
func (m *composer) writeTogether(ctx context.Context) error {
	chats, err := m.q.DueConversations(ctx, db.DueConversationsParams{Now: m.Now(), QuietSince: m.Now().Add(-QuietTime), LongestSince: m.Now().Add(-longestChat)})
	if err != nil {
		return fmt.Errorf("find messages for mails: %w", err)
	}
	var failed error
	for _, c := range chats {
		failed = errors.Join(failed, m.inTransaction(ctx, func(q *db.Queries) (jobs.Mail, error) { return m.writeConversation(ctx, q, c.TicketID, c.UserID) }))
	}
	users, err := m.q.DueNotices(ctx, db.DueNoticesParams{Now: m.Now(), Since: m.Now().Add(-NoticeTime)})
	if err != nil {
		return errors.Join(failed, fmt.Errorf("find events for mails: %w", err))
	}
	for _, id := range users {
		failed = errors.Join(failed, m.inTransaction(ctx, func(q *db.Queries) (jobs.Mail, error) { return m.writeNotices(ctx, q, id) }))
	}
	return failed
}

// inTransaction runs f in a transaction and adds the job that it returns.
func (m *composer) inTransaction(ctx context.Context, f func(q *db.Queries) (jobs.Mail, error)) error {
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
func (m *composer) writeConversation(ctx context.Context, q *db.Queries, ticketID, userID int64) (jobs.Mail, error) {
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
	earlier := max(0, len(seqs)-maxNotices)
	seqs = seqs[earlier:]
	rows, err := q.MailEvents(ctx, db.MailEventsParams{Tickets: slices.Repeat([]int64{ticketID}, len(seqs)), Seqs: seqs})
	if err != nil {
		return jobs.Mail{}, fmt.Errorf("read messages for a mail: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(e db.MailEventsRow) bool {
		return !isForRequester(e) || !account.StoredMailPreferences(e.MailPrefs).Answer
	})
	if len(rows) == 0 {
		return jobs.Mail{}, nil
	}
	files, err := filesOf(ctx, q, rows)
	if err != nil {
		return jobs.Mail{}, err
	}
	out, err := m.answer(ctx, q, rows, files, m.Now())
	if err != nil || out.box.ID == 0 {
		return jobs.Mail{}, err
	}
	if earlier > 0 {
		out.content.Intro = []string{fmt.Sprintf("There are %d new chat messages on your ticket “%s”. These are the last %d; the ones before are on its page.", earlier+len(rows), rows[0].Subject, len(rows))}
	}
	return m.write(ctx, q, out)
}
