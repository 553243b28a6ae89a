package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
)

// How long things stay that nobody will miss.
const (
	partFor   = 15 * time.Minute // bytes of an upload of a process that ended; one that lives writes more often
	stagedFor = 24 * time.Hour   // files of a form that was never sent
	fileFor   = 24 * time.Hour   // bytes that no row needs
	oldFor    = 24 * time.Hour   // what has run out: sessions, kept forms, limits
)

const (
	sweepTickets = 100 // tickets a transaction
	sweepFiles   = 500 // files a question to the database
)

// Sweep removes what has had its time: deleted tickets after [Grace], files of
// forms never sent, and what no row needs any more. Rows go first and files
// after, so that no row is ever without its bytes. It may run at several
// replicas at once.
func (s *Upkeep) Sweep(ctx context.Context) error {
	return errors.Join(s.boundTimes(ctx), s.sweepTickets(ctx), s.sweepRows(ctx), s.sweepBlobs(ctx))
}

func (s *Upkeep) sweepTickets(ctx context.Context) error {
	for {
		n, err := s.q.SweepTickets(ctx, db.SweepTicketsParams{Before: s.Now().Add(-Grace), Max: sweepTickets})
		if err != nil {
			return fmt.Errorf("sweep tickets: %w", err)
		}
		if n < sweepTickets {
			return nil
		}
	}
}

func (s *Upkeep) sweepRows(ctx context.Context) error {
	old := s.Now().Add(-oldFor)
	_, err1 := s.q.SweepStaged(ctx, s.Now().Add(-stagedFor))
	_, err2 := s.q.SweepSessions(ctx, old)
	_, err3 := s.q.SweepForms(ctx, old)
	_, err4 := s.q.SweepRates(ctx, old)
	_, err5 := s.q.SweepAnswers(ctx, s.Now().Add(-AnswerKept))
	_, err6 := s.q.SweepSocketTickets(ctx, db.SweepSocketTicketsParams{Before: s.Now().Add(-account.SocketTicketTime), Latest: s.Now().Add(account.SocketTicketTime + limit.ClockSlack)})
	_, err7 := s.q.SweepNotifications(ctx, s.Now().Add(-notificationsFor))
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return fmt.Errorf("sweep rows: %w", err)
	}
	return nil
}

// sweepBlobs deletes old bytes without a row. A name is used once, so that one
// without a row after a day will never get one.
func (s *Upkeep) sweepBlobs(ctx context.Context) error {
	if s.opts.Blobs == nil {
		return nil
	}
	now := s.Now()
	var batch []string
	err := s.opts.Blobs.Walk(func(name string, written time.Time, whole bool) error {
		switch {
		case !whole && written.Before(now.Add(-partFor)):
			return s.opts.Blobs.Delete(name)
		case !whole || !written.Before(now.Add(-fileFor)):
			return ctx.Err()
		}
		if batch = append(batch, name); len(batch) < sweepFiles {
			return nil
		}
		defer func() { batch = batch[:0] }()
		return s.deleteUnneeded(ctx, batch)
	})
	if err == nil {
		err = s.deleteUnneeded(ctx, batch)
	}
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	return nil
}

func (s *Upkeep) deleteUnneeded(ctx context.Context, names []string) error {
	rows, err := s.q.NeededFiles(ctx, db.NeededFilesParams{Names: names, RemovedBefore: s.Now().Add(-fileFor)})
	if err != nil {
		return err
	}
	needed := make(map[string]bool, len(rows))
	for _, name := range rows {
		needed[name] = true
	}
	for _, name := range names {
		if needed[name] {
			continue
		}
		if err := s.opts.Blobs.Delete(name); err != nil {
			return err
		}
	}
	return nil
}
