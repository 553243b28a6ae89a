package mailout

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/mail"
)

// States of a recipient.
const (
	RecipientAccepted = db.MailRcptStateAccepted
	RecipientFailed   = db.MailRcptStateFailed
	RecipientBounced  = db.MailRcptStateBounced
)

// Recipient is a recipient of a mail.
type Recipient struct {
	Addr      string
	State     db.MailRcptState
	Code      int    // of the last answer of the server; 0 for none
	Text      string // of that answer
	UpdatedAt time.Time
}

// Mail is all of a mail that its page shows.
type Mail struct {
	Listing
	Tickets        []int64 // of a mail about several
	MailboxID      int64
	Mailbox        string // its address
	MailboxRemoved bool
	Attempts       int
	ExpiresAt      time.Time // no attempts later
	FinishedAt     *time.Time
	MessageID      string // without <>
	QueueText      string // the server's name for the mail
	Recipients     []Recipient
	Body           mail.Body // as it was sent; without a text if it was removed
	Secret         bool      // the text is not shown, because it has a link that signs in
}

// Show returns a mail. It returns [fault.ErrNotFound] for a mail that is not in the actor's list.
func (s *Service) Show(ctx context.Context, actor account.Actor, id int64) (Mail, error) {
	if err := s.mayList(actor); err != nil {
		return Mail{}, err
	}
	in := db.ShowMailParams{ID: id}
	in.Reach, in.Viewer = actor.Scope()
	row, err := s.q.ShowMail(ctx, in)
	if err != nil {
		return Mail{}, db.Found(err, "read a mail")
	}
	recipients, err := s.q.MailRecipients(ctx, id)
	if err != nil {
		return Mail{}, fmt.Errorf("read the recipients of a mail: %w", err)
	}
	out := mailOf(row)
	for _, r := range recipients {
		out.Recipients = append(out.Recipients, Recipient{r.Addr, r.State, int(r.Code), r.Text, r.UpdatedAt})
	}
	return out, nil
}

func mailOf(r db.ShowMailRow) Mail {
	out := Mail{Listing: listingOf(db.ListMailRow{ID: r.ID, Kind: r.Kind, TicketID: r.TicketID, State: r.State, NextAt: r.NextAt, SentAt: r.SentAt, LastText: r.LastText,
		Doubled: r.Doubled, CreatedAt: r.CreatedAt, Subject: r.Subject, HasRaw: r.HasRaw && !r.MailboxRemoved, Addr: r.Addr, Paused: r.Paused}),
		Tickets: r.Tickets, MailboxID: r.MailboxID, Mailbox: r.Mailbox, MailboxRemoved: r.MailboxRemoved, Attempts: int(r.Attempts), ExpiresAt: r.ExpiresAt,
		FinishedAt: r.FinishedAt, MessageID: r.MessageID, QueueText: r.RemoteQueueID, Secret: r.HasRaw && len(r.Raw) == 0}
	if body, err := mail.PlainText(r.Raw); err == nil {
		body.Text = unsubscribeToken.ReplaceAllString(body.Text, "$1…")
		out.Body = body
	}
	return out
}

// unsubscribeToken finds the token with which anyone could end the mails of a user.
var unsubscribeToken = regexp.MustCompile(`(/unsubscribe/)\S+`)
