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
func (d *Desk) Sweep(ctx context.Context) error {
	return errors.Join(d.boundTimes(ctx), d.sweepTickets(ctx), d.sweepRows(ctx), d.sweepBlobs(ctx))
}

func (d *Desk) sweepTickets(ctx context.Context) error {
	for {
		n, err := d.q.SweepTickets(ctx, db.SweepTicketsParams{Before: d.Now().Add(-Grace), Max: sweepTickets})
		if err != nil {
			return fmt.Errorf("sweep tickets: %w", err)
		}
		if n < sweepTickets {
			return nil
		}
	}
}

func (d *Desk) sweepRows(ctx context.Context) error {
	old := d.Now().Add(-oldFor)
	_, err1 := d.q.SweepStaged(ctx, d.Now().Add(-stagedFor))
	_, err2 := d.q.SweepSessions(ctx, old)
	_, err3 := d.q.SweepForms(ctx, old)
	_, err4 := d.q.SweepRates(ctx, old)
	_, err5 := d.q.SweepAnswers(ctx, d.Now().Add(-AnswerKept))
	_, err6 := d.q.SweepSocketTickets(ctx, db.SweepSocketTicketsParams{Before: d.Now().Add(-account.SocketTicketTime), Latest: d.Now().Add(account.SocketTicketTime + limit.ClockSlack)})
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return fmt.Errorf("sweep rows: %w", err)
	}
	return nil
}

// sweepBlobs deletes old bytes without a row. A name is used once, so that one
// without a row after a day will never get one.
func (d *Desk) sweepBlobs(ctx context.Context) error {
	if d.opts.Blobs == nil {
		return nil
	}
	now := d.Now()
	var batch []string
	err := d.opts.Blobs.Walk(func(name string, written time.Time, whole bool) error {
		switch {
		case !whole && written.Before(now.Add(-partFor)):
			return d.opts.Blobs.Delete(name)
		case !whole || !written.Before(now.Add(-fileFor)):
			return ctx.Err()
		}
		if batch = append(batch, name); len(batch) < sweepFiles {
			return nil
		}
		defer func() { batch = batch[:0] }()
		return d.deleteUnneeded(ctx, batch)
	})
	if err == nil {
		err = d.deleteUnneeded(ctx, batch)
	}
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	return nil
}

func (d *Desk) deleteUnneeded(ctx context.Context, names []string) error {
	rows, err := d.q.NeededFiles(ctx, db.NeededFilesParams{Names: names, RemovedBefore: d.Now().Add(-fileFor)})
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
		if err := d.opts.Blobs.Delete(name); err != nil {
			return err
		}
	}
	return nil
}
