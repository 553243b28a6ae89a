package mailout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/db"
	"frontdesk/internal/jobs"
)

const (
	recoverAtOnce = 200                    // maximum number of mails that are recovered in one transaction
	dueEvery      = 250 * time.Millisecond // how often mails that are due get their jobs
	dueAtOnce     = 100                    // maximum number of them; more than are sent meanwhile
)

// Run adds jobs for the mails that are due, until ctx ends. Every few seconds it also reads the
// mailboxes, takes back mails whose process has ended, and writes the mails about several events.
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

// runDue adds jobs for the mails that are due, until ctx ends.
func (m *Sender) runDue(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !m.Enabled() {
			continue
		}
		if err := m.addDueJobs(ctx); err != nil && ctx.Err() == nil {
			m.opts.Log.Warn("queueing due mails failed", "error", err)
		}
	}
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

// recover takes back mails whose claim has run out.
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

// addDueJobs adds jobs for mails that are due or overdue. If there are many mails, the first job of an
// overdue one may still come, and the second one then does nothing.
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

// Work works the jobs of mail until ctx ends. It returns at once while the desk cannot send mail,
// and is then to be called again.
func (m *Sender) Work(ctx context.Context) error {
	if !m.Enabled() {
		return nil
	}
	return jobs.Run(ctx, m.pool, m.opts.Log, m.Send)
}
