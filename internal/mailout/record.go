package mailout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/db"
	"frontdesk/internal/mail"
)

// retryPause returns the pause after a failed attempt: 1, 5 and 15 minutes, then an hour each.
func retryPause(attempts int32) time.Duration {
	switch attempts {
	case 1:
		return time.Minute
	case 2:
		return 5 * time.Minute
	case 3:
		return 15 * time.Minute
	}
	return time.Hour
}

// recordTime is how long storing the outcome of an attempt is retried. A message that was accepted
// must not be sent again because the database was restarted at that moment.
const recordTime = 45 * time.Second

// record stores the outcome of the attempt.
func (a *attempt) record(ctx context.Context) error {
	out := a.outcome()
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	go a.hold(ctx, func() {})
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		ours, err := a.m.q.FinishMail(ctx, out)
		if err == nil {
			return a.follow(ctx, out, ours)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("record a mail: %w", err)
		case <-time.After(pause):
		}
	}
}

// follow logs the outcome, and pauses the mailbox if it is the cause.
func (a *attempt) follow(ctx context.Context, out db.FinishMailParams, ours bool) (err error) {
	var f *mail.Failure
	log := a.m.opts.Log.With("mail", a.id, "kind", a.claim.Kind, "mailbox", a.box.ID, "state", out.State, "attempt", a.claim.Attempts)
	switch {
	case !ours:
		log.Warn("mail was taken over", "reason", errClaimLost)
		return nil
	case a.err == nil:
		log.Info("mail sent", "queue", out.QueueID)
		if a.connections.shouldNote() {
			err = a.m.q.NoteMailboxWorks(ctx, db.NoteMailboxWorksParams{ID: a.box.ID, Now: a.m.Now()})
		}
	case errors.As(a.err, &f) && f.Outcome == mail.NotAllowed:
		return a.m.pause(ctx, log, a.box, f) // a job is added after the mailbox was resumed
	default:
		log.Warn("mail not sent", "error", a.err)
		if errors.As(a.err, &f) && f.Outcome == mail.TooLarge {
			return a.m.linkFiles(ctx, a.id)
		}
		if errors.As(a.err, &f) && f.Outcome == mail.TryServerLater {
			a.connections.pause()
			err = a.m.q.NoteMailboxError(ctx, db.NoteMailboxErrorParams{ID: a.box.ID, Error: f.Error(), Now: a.m.Now()})
		}
	}
	return err
}

// pause pauses a mailbox because of an error of its own. Admins see it on every page, see
// [Sender.Stopped].
func (m *Sender) pause(ctx context.Context, log *slog.Logger, box Mailbox, f *mail.Failure) error {
	n, err := m.q.PauseMailbox(ctx, db.PauseMailboxParams{ID: box.ID, Reason: f.Error(), Now: m.Now()})
	if err != nil || n == 0 { // another mail has paused it
		return err
	}
	log.Error("mailbox paused", "address", box.From.Addr, "error", f)
	return m.Load(ctx)
}

// outcome returns what is stored about the attempt.
func (a *attempt) outcome() db.FinishMailParams {
	now := a.m.Now()
	out := db.FinishMailParams{ID: a.id, Attempts: a.claim.Attempts, Now: now, NextAt: now, Doubled: a.claim.Doubled, QueueID: a.result.QueueText}
	var whole *mail.Failure // the failure of all recipients that were not refused
	switch {
	case errors.As(a.err, &whole):
	case a.err != nil: // the claim was lost before the end of the data
		whole = &mail.Failure{Step: mail.StepData, Outcome: mail.TryLater, Text: a.err.Error()}
	}
	waiting, accepted, last := a.recipients(&out, whole)
	if last != nil {
		out.Code, out.Enhanced, out.Text = int32(last.Code), last.Enhanced, last.Error()
	}
	switch {
	case whole != nil && whole.Outcome == mail.Unknown && a.claim.Doubled:
		out.State, out.Text = db.MailStateFailed, "the connection ended twice before the server answered, so the message may or may not have arrived"
	case whole != nil && whole.Outcome == mail.Unknown:
		out.State, out.Doubled, out.NextAt = db.MailStateDeferred, true, now.Add(retryPause(1))
		out.Text = "the connection ended before the server answered, so the message may have arrived: " + whole.Text
	case waiting && whole != nil && whole.Outcome == mail.NotAllowed:
		out.State = db.MailStateDeferred
	case waiting:
		out.State, out.NextAt = db.MailStateDeferred, now.Add(retryPause(a.claim.Attempts))
	case accepted:
		out.State = db.MailStateSent
	default:
		out.State = db.MailStateFailed
	}
	return out
}

// recipients sets the state of each recipient. It reports whether some wait for another attempt and
// whether some were accepted, and returns the failure to show.
func (a *attempt) recipients(out *db.FinishMailParams, whole *mail.Failure) (waiting, accepted bool, last *mail.Failure) {
	for i, addr := range a.claim.Recipients {
		var f *mail.Failure
		if i < len(a.result.Recipients) && a.result.Recipients[i].Outcome != mail.Accepted {
			f = &a.result.Recipients[i]
		} else if whole != nil {
			f = whole
		}
		state := db.MailRcptStateAccepted
		switch {
		case f == nil:
			accepted = true
			f = &mail.Failure{Code: 250}
		case f.Outcome == mail.Refused || f.Outcome == mail.TooLarge || f.Outcome == mail.Unknown && a.claim.Doubled:
			state, last = db.MailRcptStateFailed, f
		default:
			state, last, waiting = db.MailRcptStateQueued, f, true
		}
		out.Addrs, out.States = append(out.Addrs, addr), append(out.States, string(state))
		out.Codes, out.Texts = append(out.Codes, int32(f.Code)), append(out.Texts, f.Text)
	}
	return waiting, accepted, last
}
