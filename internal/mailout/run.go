package mailout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/jobs"
)

const (
	recoverAtOnce = 200                    // maximum number of mails that are recovered in one transaction
	dueEvery      = 250 * time.Millisecond // how often mails that are due get their jobs, while there are some
	dueIdle       = 2 * time.Second        // how often the time of the next mail is read otherwise
	dueAtOnce     = 100                    // maximum number of them; more than are sent meanwhile
)

// Run adds jobs for the mails that are due, until ctx ends. Every few seconds it also reads the
// mailboxes, queues mails again whose process has ended, and writes the mails about several events.
func (m *Sender) Run(ctx context.Context) {
	var due sync.WaitGroup
	due.Go(func() { m.runDue(ctx) })
	defer due.Wait()
	tick := time.NewTicker(m.opts.Every)
	defer tick.Stop()
	for {
		if err := m.RunOnce(ctx); err != nil && ctx.Err() == nil {
			m.opts.Log.Warn("mail run failed", "error", err)
		}
		select {
		case <-ctx.Done():
			m.closeIdle(true)
			return
		case <-tick.C:
		}
	}
}

// runDue adds jobs for the mails that are due, until ctx ends. At rest it only reads when the next mail is due, often
// enough that every replica knows it in time. After [Sender.dueSoon] it reads more often for a while, because the
// mail may not be committed yet.
func (m *Sender) runDue(ctx context.Context) {
	var often time.Time // until when it reads often
	for ctx.Err() == nil {
		wait := dueIdle
		if m.Enabled() {
			next, err := m.addDue(ctx)
			if err != nil && ctx.Err() == nil {
				m.opts.Log.Warn("queueing due mails failed", "error", err)
			}
			wait = next
		}
		if time.Now().Before(often) {
			wait = min(wait, dueEvery)
		}
		select {
		case <-ctx.Done():
		case <-m.soon:
			often = time.Now().Add(3 * dueIdle)
			sleep(ctx, dueEvery)
		case <-time.After(wait):
		}
	}
}

// dueSoon makes [Sender.runDue] of this process read again, if a mail that is written now is due so soon that it
// might read the time of the mail too late.
func (m *composer) dueSoon(at time.Time) {
	if at.Sub(m.Now()) > 2*dueIdle {
		return
	}
	select {
	case m.soon <- struct{}{}:
	default: // it reads again anyway
	}
}

// sleep waits for a time, or until ctx ends.
func sleep(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// addDue adds jobs for mails if some are due, and returns when to call it again. It sends one small query if none is.
func (m *Sender) addDue(ctx context.Context) (wait time.Duration, err error) {
	next, err := m.q.NextMailDue(ctx, m.Now().Add(-m.opts.Overdue))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return dueIdle, nil
	case err != nil:
		return dueIdle, fmt.Errorf("find the next mail: %w", err)
	}
	if wait := next.Sub(m.Now()); wait > 0 {
		return min(wait, dueIdle), nil
	}
	return dueEvery, m.addDueJobs(ctx)
}

// RunOnce does what [Sender.Run] does once.
func (m *Sender) RunOnce(ctx context.Context) error {
	if err := m.Load(ctx); err != nil || !m.Enabled() {
		return err
	}
	m.closeIdle(false)
	return errors.Join(m.recover(ctx), m.addDueJobs(ctx), m.writeTogether(ctx))
}

func (m *Sender) closeIdle(all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.byMailbox {
		c.closeIdle(all)
	}
}

// recover queues mails again whose claim has run out.
func (m *Sender) recover(ctx context.Context) error {
	return m.tx(ctx, func(q *db.Queries) error {
		rows, err := q.RecoverMail(ctx, db.RecoverMailParams{Max: recoverAtOnce, Now: m.Now()})
		if err != nil {
			return fmt.Errorf("recover mails: %w", err)
		}
		var add []jobs.Mail
		for _, r := range rows {
			m.opts.Log.Warn("mail recovered", "mail", r.ID)
			add = append(add, jobs.Mail{ID: r.ID, Job: r.Job})
		}
		return m.adder.AddMails(ctx, q.Transaction(), add)
	})
}

// addDueJobs adds jobs for mails that are due or overdue. If there are many mails, the first job of
// an overdue one may still be waiting; the second job then does nothing.
func (m *Sender) addDueJobs(ctx context.Context) error {
	return m.tx(ctx, func(q *db.Queries) error {
		rows, err := q.DueMailJobs(ctx, db.DueMailJobsParams{Max: dueAtOnce, Now: m.Now(), Overdue: m.Now().Add(-m.opts.Overdue)})
		if err != nil {
			return fmt.Errorf("find mails that are due: %w", err)
		}
		var add []jobs.Mail
		for _, r := range rows {
			add = append(add, jobs.Mail{ID: r.ID, Job: r.Job})
		}
		return m.adder.AddMails(ctx, q.Transaction(), add)
	})
}

// Work runs the jobs of mail until ctx ends. It returns at once while the desk cannot send mail;
// the caller must call it again later.
func (m *Sender) Work(ctx context.Context) error {
	if !m.Enabled() {
		return nil
	}
	return jobs.Run(ctx, m.pool, m.opts.Log, m.Send)
}
