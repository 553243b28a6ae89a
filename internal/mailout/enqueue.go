package mailout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

// Enqueue writes a mail in the caller's transaction, and its job. It does nothing without a mailbox.
// An address that mail cannot carry is not an error: the mail is stored as failed.
func (m *composer) Enqueue(ctx context.Context, q *db.Queries, l AccountMail) error {
	box, ok := m.box(0)
	if !ok {
		return nil
	}
	out := outgoing{box: box, kind: l.Kind, userID: l.UserID, email: l.Email, to: mail.Address{Name: l.Name, Addr: l.To},
		expires: l.Expires, content: l.Content}
	job, err := m.write(ctx, q, out)
	if err != nil || job == (jobs.Mail{}) {
		return err
	}
	return m.adder.AddMails(ctx, q.Transaction(), []jobs.Mail{job})
}

// outgoing is a mail to be written.
type outgoing struct {
	box         Mailbox
	kind        Kind
	ticketID    int64 // 0 for none
	seq         int64
	userID      int64
	email       string
	tickets     []int64
	events      []mailedEvent // of a notice
	to          mail.Address
	at, expires time.Time
	inReplyTo   string
	references  []string
	unsubscribe string
	files       []mail.File
	agent       string // author of the event, for the signature
	content     Content
}

// write renders a mail and stores it. It returns the job to add, or the zero value if the mail
// cannot be sent or was written before. The number of the job is 0 if the mail is due later: its
// job is added then.
func (m *composer) write(ctx context.Context, q *db.Queries, out outgoing) (jobs.Mail, error) {
	if q.Transaction() == nil {
		return jobs.Mail{}, errNoTransaction
	}
	now := m.Now()
	if out.at.IsZero() {
		out.at = now
	}
	if out.expires.IsZero() {
		out.expires = now.Add(maxAge)
	}
	in := db.AddMailParams{MailboxID: out.box.ID, Kind: out.kind, Email: out.email, Tickets: out.tickets, Subject: mail.OneLine(out.content.Subject),
		MessageID: messageID(out.ticketID, out.seq, out.box.From), State: db.MailStateQueued, Now: now, NextAt: out.at, ExpiresAt: out.expires, Addr: out.to.Addr}
	if out.ticketID != 0 {
		in.TicketID, in.Seq = &out.ticketID, &out.seq
	}
	if out.userID != 0 {
		in.UserID = &out.userID
	}
	problem, err := m.render(&in, out)
	if err == nil && len(out.events) > 0 {
		in.Events, err = json.Marshal(out.events)
	}
	if err != nil {
		return jobs.Mail{}, err
	}
	if problem != nil {
		in.State, in.Problem = db.MailStateFailed, cannotGetMail(problem)
	}
	row, err := q.AddMail(ctx, in)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return jobs.Mail{}, nil
	case err != nil:
		return jobs.Mail{}, fmt.Errorf("write a mail: %w", err)
	case problem != nil:
		return jobs.Mail{}, nil
	}
	if row.Job == 0 {
		m.dueSoon(out.at)
	}
	return jobs.Mail{ID: row.ID, Job: row.Job}, nil
}

func cannotGetMail(problem error) string { return "the address cannot get mail: " + problem.Error() }

// render sets the bytes and the address of a mail to be stored. problem says why mail cannot carry
// the address.
func (m *composer) render(in *db.AddMailParams, out outgoing) (problem, err error) {
	if in.Addr, problem = m.deliverable(out.to.Addr); problem != nil {
		in.Addr = out.to.Addr
		return problem, nil
	}
	c := out.content
	c.DeskName, c.DeskURL, c.Signature = m.opts.DeskName, m.opts.PublicURL, m.signature(out)
	text, html, err := m.opts.Render(c)
	if err != nil {
		return nil, fmt.Errorf("render a mail: %w", err)
	}
	from := out.box.From
	if from.Name == "" {
		from.Name = m.opts.DeskName
	}
	in.Raw, err = mail.Message{From: from, To: []mail.Address{{Name: out.to.Name, Addr: in.Addr}}, Subject: in.Subject, Text: text, HTML: html,
		MessageID: in.MessageID, InReplyTo: out.inReplyTo, References: out.references, Date: in.Now.In(m.opts.Location), Automatic: out.kind != KindAnswer,
		Unsubscribe: out.unsubscribe, Instance: m.instance, Files: out.files}.Bytes()
	return nil, err
}

// signature returns the signature of the mailbox with the values of the mail.
func (m *composer) signature(out outgoing) string {
	fields := SignatureFields{Agent: out.agent, Desk: m.opts.DeskName}
	if out.ticketID != 0 {
		fields.Ticket = fmt.Sprintf("#%d", out.ticketID)
	}
	return FillSignature(out.box.Signature, fields)
}

// sameAddress reports whether two addresses reach the same mailbox, as far as can be known.
func sameAddress(a, b string) bool { return strings.EqualFold(a, b) }
