package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
	"frontdesk/internal/mailout"
)

// How long expired data is kept before it is deleted.
const (
	partFor   = 15 * time.Minute // an incomplete upload, after its last write; a running one writes more often
	stagedFor = 24 * time.Hour   // files of a form that was never sent
	fileFor   = 24 * time.Hour   // blobs that no row needs
	oldFor    = 24 * time.Hour   // expired sessions, kept forms and rates
)

const (
	sweepTickets = 100  // tickets for each transaction
	sweepExpired = 1000 // other rows for each transaction
	sweepFiles   = 500  // blobs for each query
)

// Sweep deletes expired data: deleted tickets after [Grace], files of forms that were
// never sent, expired rows, assignments to absent users and retired teams, and blobs that
// no row needs. It deletes rows before blobs, so that a row always has its blob. It may run
// on several replicas at once.
func (s *Upkeep) Sweep(ctx context.Context) error {
	return errors.Join(s.boundTimes(ctx), s.sweepTickets(ctx), s.sweepAssignments(ctx), s.sweepRows(ctx), s.sweepBlobs(ctx))
}

// sweepTickets deletes the tickets that were deleted longer than [Grace] ago.
func (s *Upkeep) sweepTickets(ctx context.Context) error {
	if err := sweep(ctx, s.q.SweepTickets, s.Now().Add(-Grace), sweepTickets); err != nil {
		return fmt.Errorf("sweep tickets: %w", err)
	}
	return nil
}

// sweepParams are the parameters of the queries that delete expired rows.
type sweepParams = struct {
	Before time.Time
	Max    int32
}

// sweep repeats a query that deletes or clears a limited number of rows older than a time, until it finds
// fewer. So none of these statements takes longer than the pool allows, however many rows there are. The
// queries of expired rows skip rows that are locked, such as by another replica.
func sweep[P ~sweepParams](ctx context.Context, query func(context.Context, P) (int64, error), before time.Time, most int32) error {
	for {
		n, err := query(ctx, P(sweepParams{before, most}))
		if err != nil || n < int64(most) {
			return err
		}
	}
}

// sweepRows deletes expired rows other than tickets.
func (s *Upkeep) sweepRows(ctx context.Context) error {
	now := s.Now()
	old := now.Add(-oldFor)
	err := errors.Join(
		sweep(ctx, s.q.SweepMail, now.Add(-mailout.RawFor), sweepExpired),
		sweep(ctx, s.q.SweepRegistrations, old, sweepExpired),
		sweep(ctx, s.q.SweepStaged, now.Add(-stagedFor), sweepExpired),
		sweep(ctx, s.q.SweepSessions, old, sweepExpired),
		sweep(ctx, s.q.SweepForms, old, sweepExpired),
		sweep(ctx, s.q.SweepRates, old, sweepExpired),
		sweep(ctx, s.q.SweepAnswers, now.Add(-AnswerKept), sweepExpired),
		sweep(ctx, s.sweepSocketTickets, now.Add(-account.SocketTicketTime), sweepExpired),
		sweep(ctx, s.q.SweepNotifications, now.Add(-NotificationsKept), sweepExpired),
		sweep(ctx, s.q.SweepInvitations, now.Add(-account.InvitationsKept), sweepExpired),
		sweep(ctx, s.q.SweepAccountLinks, old, sweepExpired),
		sweep(ctx, s.q.SweepReplicaMessages, now.Add(-messagesFor), sweepExpired),
	)
	if err != nil {
		return fmt.Errorf("sweep rows: %w", err)
	}
	return nil
}

// sweepSocketTickets deletes tickets of sockets that have expired, or that expire later than any new one: they were
// made while the clock was wrong.
func (s *Upkeep) sweepSocketTickets(ctx context.Context, p sweepParams) (int64, error) {
	latest := s.Now().Add(account.SocketTicketTime + limit.ClockSlack)
	return s.q.SweepSocketTickets(ctx, db.SweepSocketTicketsParams{Before: p.Before, Latest: latest, Max: p.Max})
}

// sweepBlobs deletes old blobs without a row. A name is never used again, so a blob that
// has no row after a day never gets one. It does nothing if the last search ended less than
// Options.WalkEvery ago. It deletes nothing if the database knows none of the old blobs: then
// it is probably another database than that of the blobs, such as a new one after a mistake
// in the settings.
func (s *Upkeep) sweepBlobs(ctx context.Context) error {
	s.walk.Lock()
	defer s.walk.Unlock()
	now := s.Now()
	if s.opts.Blobs == nil || now.Before(s.nextWalk) {
		return nil
	}
	var found unneededBlobs
	err := s.opts.Blobs.Walk(func(name string, written time.Time, whole bool) error {
		switch {
		case !whole && written.Before(now.Add(-partFor)):
			return s.opts.Blobs.Delete(name)
		case !whole || !written.Before(now.Add(-fileFor)):
			return ctx.Err()
		}
		return s.assess(ctx, &found, name)
	})
	if err == nil {
		err = s.assessBatch(ctx, &found)
	}
	if err == nil {
		err = s.deleteUnneeded(ctx, found)
	}
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	s.nextWalk = now.Add(s.opts.WalkEvery)
	return nil
}

// unneededBlobs has the blobs without a row that a search has found.
type unneededBlobs struct {
	batch  []string // not looked up yet
	names  []string
	needed int // how many of the others have a row
}

// assess adds a blob to what a search has found.
func (s *Upkeep) assess(ctx context.Context, found *unneededBlobs, name string) error {
	if found.batch = append(found.batch, name); len(found.batch) < sweepFiles {
		return nil
	}
	return s.assessBatch(ctx, found)
}

// assessBatch looks up which blobs of the batch have a row.
func (s *Upkeep) assessBatch(ctx context.Context, found *unneededBlobs) error {
	rows, err := s.q.NeededFiles(ctx, db.NeededFilesParams{Names: found.batch, RemovedBefore: s.Now().Add(-fileFor)})
	if err != nil {
		return err
	}
	needed := make(map[string]bool, len(rows))
	for _, name := range rows {
		needed[name] = true
	}
	for _, name := range found.batch {
		if !needed[name] {
			found.names = append(found.names, name)
		}
	}
	found.needed += len(needed)
	found.batch = found.batch[:0]
	return nil
}

// deleteUnneeded deletes the blobs that a search has found, unless a backup is running.
func (s *Upkeep) deleteUnneeded(ctx context.Context, found unneededBlobs) error {
	if found.needed == 0 && len(found.names) > 0 {
		s.opts.Log.Warn("files kept that the database does not know", "files", len(found.names),
			"reason", "the database knows none of the files that are older than a day: is it the one of these files?")
		return nil
	}
	for names := range slices.Chunk(found.names, sweepFiles) {
		if may, err := s.q.MayDeleteFiles(ctx); err != nil || !may {
			return err
		}
		for _, name := range names {
			if err := s.opts.Blobs.Delete(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// boundTimes sets recorded times that are in the future to the current time, and times of
// expiry to at most a full duration from now. Rows that were written while the clock was
// wrong would otherwise expire too late.
func (s *Upkeep) boundTimes(ctx context.Context) error {
	now := s.Now()
	soon := now.Add(limit.ClockSlack)
	err := errors.Join(
		s.q.BoundSessionTimes(ctx, db.BoundSessionTimesParams{Now: now, Soon: soon, Latest: soon.Add(account.SessionLifetime)}),
		s.q.BoundTokenTimes(ctx, db.BoundTokenTimesParams{Now: now, Soon: soon}),
		s.q.BoundStagedTimes(ctx, db.BoundStagedTimesParams{Now: now, Soon: soon}),
		s.q.BoundFormTimes(ctx, db.BoundFormTimesParams{Now: now, Soon: soon}),
		s.q.BoundAnswerTimes(ctx, db.BoundAnswerTimesParams{Now: now, Soon: soon}),
		s.q.BoundUserTimes(ctx, db.BoundUserTimesParams{Now: now, Soon: soon}),
	)
	if err != nil {
		return fmt.Errorf("bound times: %w", err)
	}
	return nil
}
