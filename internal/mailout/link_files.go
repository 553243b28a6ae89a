package mailout

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

// linkFiles rebuilds a mail that a server refused as too large, with links in place of its attached
// files, and queues it. It changes nothing if the mail has no attached files or would not become
// smaller.
func (m *composer) linkFiles(ctx context.Context, id int64) error {
	return m.tx(ctx, func(q *db.Queries) error {
		row, err := q.MailWithFiles(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a mail that is too large: %w", err)
		}
		raw, err := m.linked(ctx, q, row)
		if err != nil || raw == nil || len(raw) >= int(row.Size) { // its files are linked already
			return err
		}
		job, err := q.ReplaceMail(ctx, db.ReplaceMailParams{ID: id, Raw: raw, Now: m.Now()})
		if err != nil {
			return fmt.Errorf("replace a mail: %w", err)
		}
		return m.adder.AddMails(ctx, q.Transaction(), []jobs.Mail{{ID: id, Job: job}})
	})
}

// linked returns the bytes of a mail about an event, with links to its files. It returns nil if the
// event has no files, if the event or the mailbox does not exist any more, or if the address cannot
// get mail.
func (m *composer) linked(ctx context.Context, q *db.Queries, row db.MailWithFilesRow) ([]byte, error) {
	events, err := q.MailEvents(ctx, db.MailEventsParams{Tickets: []int64{row.TicketID}, Seqs: []int64{row.Seq}})
	if err != nil {
		return nil, fmt.Errorf("read the event of a mail: %w", err)
	}
	box, ok := m.box(row.MailboxID)
	if len(events) == 0 || !ok {
		return nil, nil
	}
	files, err := filesOf(ctx, q, events)
	if err != nil || len(files) == 0 { // a mail about chat messages has none
		return nil, err
	}
	e := events[0]
	out := outgoing{box: box, kind: KindAnswer, ticketID: e.TicketID, seq: e.Seq, userID: e.RequesterID, to: mail.Address{Name: e.Requester, Addr: e.Email}, agent: e.Author}
	if out.content, _, err = m.answerContent(events, files, 0); err != nil {
		return nil, err
	}
	if err := m.thread(ctx, q, &out); err != nil {
		return nil, err
	}
	in := db.AddMailParams{MessageID: row.MessageID, Subject: mail.OneLine(out.content.Subject), Now: m.Now()}
	if problem, err := m.render(&in, out); problem != nil || err != nil {
		return nil, err
	}
	return in.Raw, nil
}
