package mailout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
)

// Trial has the result of a mail that a mailbox sent to itself.
type Trial struct {
	Dialogue []mail.DialogueLine
	Problem  string // why it failed, or ""
	Unknown  bool   // the mail may have arrived although there was a problem
	Advice   string // what to do about the problem
}

// TrialTime is the maximum time of a trial. It is shorter than a request may take.
const TrialTime = 40 * time.Second

// trialTimeouts are the time limits of the steps of a trial.
var trialTimeouts = mail.Timeouts{Connect: 10 * time.Second, Command: 10 * time.Second, Write: 10 * time.Second, End: 20 * time.Second}

// Try sends a mail from a mailbox to its own address at once, also if it is paused. It returns what
// the server answered. A trial is not in the list of mails.
func (s *Mailboxes) Try(ctx context.Context, actor account.Actor, id int64) (Trial, error) {
	if !actor.Can(account.ManageMailboxes) {
		return Trial{}, fault.ErrForbidden
	}
	row, err := s.row(ctx, s.mail.q, id)
	if err != nil {
		return Trial{}, err
	}
	server, err := s.server(row)
	if err != nil {
		return Trial{Problem: err.Error(), Advice: "Write the password of the mailbox again and save it."}, nil
	}
	message, err := s.trialMessage(actor, row)
	if err != nil {
		return Trial{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, TrialTime)
	defer cancel()
	dialogue, err := mail.Try(ctx, server, trialTimeouts, mail.Envelope{From: row.Address, To: []string{row.Address}, Data: message})
	trial := Trial{Dialogue: dialogue}
	var f *mail.Failure
	switch {
	case errors.As(err, &f) && f.Outcome == mail.Unknown:
		trial.Problem, trial.Unknown, trial.Advice = f.Error(), true, "The server got the whole message, but did not answer. Look whether it arrives."
	case errors.As(err, &f):
		trial.Problem, trial.Advice = f.Error(), trialAdvice[f.Step]
	case err != nil:
		trial.Problem = err.Error()
	}
	return trial, s.noteTrial(ctx, id, trial.Problem)
}

// noteTrial stores when the mailbox worked or failed.
func (s *Mailboxes) noteTrial(ctx context.Context, id int64, problem string) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if problem == "" {
		err = s.mail.q.NoteMailboxWorks(ctx, db.NoteMailboxWorksParams{ID: id, Now: s.mail.Now()})
	} else {
		err = s.mail.q.NoteMailboxError(ctx, db.NoteMailboxErrorParams{ID: id, Error: problem, Now: s.mail.Now()})
	}
	if err != nil {
		return fmt.Errorf("note a trial of a mailbox: %w", err)
	}
	return nil
}

// trialAdvice has what to do if a trial fails at a step.
var trialAdvice = map[mail.Step]string{
	mail.StepConnect:   "Check the host and the port, and that this machine may connect to it.",
	mail.StepTLS:       "Check the security: port 587 usually needs STARTTLS, and port 465 TLS. The certificate must be valid for the host.",
	mail.StepAuth:      "Check the user and the password. Many services want a password for apps here.",
	mail.StepSender:    "The server does not let this user send from the address of the mailbox.",
	mail.StepRecipient: "The server does not accept the address of the mailbox as a recipient.",
	mail.StepData:      "The server did not take the message.",
	mail.StepEnd:       "The server did not take the message.",
}

// trialMessage returns the bytes of the mail.
func (s *Mailboxes) trialMessage(actor account.Actor, row db.ListMailboxesRow) ([]byte, error) {
	o := s.mail.opts
	from := mail.Address{Name: row.FromName, Addr: row.Address}
	if from.Name == "" {
		from.Name = o.DeskName
	}
	text := fmt.Sprintf("This mail tests the mailbox %s of %s.\n\n%s", row.Address, o.DeskName,
		FillSignature(row.Signature, SignatureFields{Agent: actor.Username, Desk: o.DeskName, Ticket: "#1042"}))
	return mail.Message{From: from, To: []mail.Address{{Addr: row.Address}}, Subject: "Test of the mailbox " + row.Address, Text: text,
		MessageID: messageID(0, 0, from), Date: s.mail.Now().In(s.mail.opts.Location), Automatic: true}.Bytes()
}
