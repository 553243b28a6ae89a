package doctor

import (
	"context"
	"time"

	"frontdesk/db"
	"frontdesk/internal/input"
)

// limits are the values at which the state of a database becomes a finding.
type limits struct {
	clock       time.Duration // difference between this machine and the server
	transaction time.Duration // age of an open transaction
	deadRows    int64         // of a table
	wal         int64         // retained for a replication slot, in bytes
	flush       time.Duration // of a small file
	queue       time.Duration // age of an event that is not delivered
	job         time.Duration // age of a job in the background
	mail        time.Duration // how long a mail waits
}

// usual returns the limits of [Run].
func usual() limits {
	return limits{clock: 2 * time.Second, transaction: 10 * time.Minute, deadRows: 100_000, wal: 1 << 30, flush: 50 * time.Millisecond, queue: time.Minute, job: 24 * time.Hour, mail: 15 * time.Minute}
}

// fitness adds the findings of the check that every start makes.
func (e *examination) fitness(ctx context.Context) {
	var found []db.Finding
	var err error
	if e.DirectURL == "" || e.DirectURL == e.URL {
		found, err = db.Fitness(ctx, e.URL, e.Conns)
	} else {
		var pooler db.Pooler
		if pooler, found, err = db.PoolerFitness(ctx, e.URL, e.DirectURL, e.Conns, e.DirectConns); err == nil {
			e.add("pooler", OK, "%s", pooler)
		}
	}
	if err != nil {
		e.add("database", Problem, "%v", err)
	}
	for _, f := range found {
		if f.Name == "durability" {
			continue // the check server names the setting
		}
		level := Problem
		if f.Warning {
			level = Warning
		}
		e.add(f.Name, level, "%s", f.Sentence)
	}
	if len(found) == 0 && err == nil {
		e.add("fitness", OK, "the database has everything that Frontdesk needs")
	}
}

// server checks the settings and the clock of the server.
func (e *examination) server(ctx context.Context) error {
	asked := e.Now()
	s, err := e.q.DoctorServer(ctx)
	if err != nil {
		return err
	}
	e.add("database", OK, "PostgreSQL %s, %s of data", s.Version, input.Bytes(s.Bytes))
	for name, value := range map[string]string{"fsync": s.Fsync, "full_page_writes": s.FullPageWrites, "synchronous_commit": s.SynchronousCommit} {
		if value == "off" {
			e.add("durability", Problem, "%s is off: a crash of the machine can lose answers that users were told are stored, or the whole database; set it to on in postgresql.conf", name)
		}
	}
	if s.Autovacuum == "off" {
		e.add("bloat", Problem, "autovacuum is off: tables grow without limit; set it to on in postgresql.conf")
	}
	if d := asked.Sub(s.Now).Abs() - e.Now().Sub(asked); d > e.limits.clock {
		e.add("clock", Problem, "the clocks of this machine and of the database differ by %v: run a time service (chrony or systemd-timesyncd) on both", d.Round(time.Second))
	} else {
		e.add("clock", OK, "the clocks of this machine and of the database agree")
	}
	return nil
}

// standbys checks whether a fail-over to a standby keeps what was acknowledged.
func (e *examination) standbys(ctx context.Context) error {
	all, err := e.q.Standbys(ctx)
	if err != nil {
		return err
	}
	e.halted = false
	several := db.HasSeveralHosts(e.URL) || db.HasSeveralHosts(e.DirectURL)
	for _, s := range all {
		switch {
		case s.Wanted == "" && several:
			e.add("standby", Warning, "the URL of the database names several hosts, but no change waits for a standby, so that a fail-over loses the last acknowledged changes: set synchronous_standby_names with alter system")
		case s.Wanted == "":
		case s.Sync+s.Hidden == 0:
			e.halted = true
			e.add("standby", Problem, "no synchronous standby is connected, so that no change is acknowledged: start the standby (synchronous_standby_names is %q); if it is lost, set that to '' and reload, until there is another", s.Wanted)
		default:
			e.add("standby", OK, "changes are acknowledged when a synchronous standby has them")
		}
	}
	return nil
}

// slots finds replication slots for which the server retains WAL that nothing reads. A forgotten
// slot fills the disk.
func (e *examination) slots(ctx context.Context) error {
	slots, err := e.q.Slots(ctx)
	if err != nil {
		return err
	}
	for _, s := range slots {
		switch {
		case !s.Active:
			e.add("slots", Problem, "the replication slot %q is not used, and keeps %s of WAL: start its standby, or run select pg_drop_replication_slot('%s')", s.Name, input.Bytes(s.Retained), s.Name)
		case s.Retained > e.limits.wal:
			e.add("slots", Warning, "the replication slot %q is %s behind: look at its standby", s.Name, input.Bytes(s.Retained))
		case s.NoLimit:
			e.add("slots", Warning, "the replication slot %q keeps WAL until the disk is full when its standby is away: set max_slot_wal_keep_size in postgresql.conf, such as 10GB", s.Name)
		}
	}
	return nil
}

// wal finds WAL that the server cannot remove.
func (e *examination) wal(ctx context.Context) error {
	found, err := e.q.WAL(ctx)
	if err != nil {
		return err
	}
	for _, w := range found {
		switch {
		case w.Unsaved:
			e.add("wal", Problem, "the server cannot archive its WAL, and keeps it (%s) until the disk is full: look for archive_command in its log", input.Bytes(w.Bytes))
		case w.Bytes > 2*w.Usual:
			e.add("wal", Warning, "the server keeps %s of WAL, and %s are usual: look for replication slots, and for long transactions", input.Bytes(w.Bytes), input.Bytes(w.Usual))
		default:
			e.add("wal", OK, "the server keeps %s of WAL", input.Bytes(w.Bytes))
		}
	}
	return nil
}

// transactions finds transactions that have been open for a long time.
func (e *examination) transactions(ctx context.Context) error {
	open, err := e.q.LongTransactions(ctx, e.limits.transaction)
	if err != nil {
		return err
	}
	for _, t := range open {
		e.add("waiting", Warning, "a transaction of %s (%s, %s) is open for %v, and deleted rows cannot be removed: if it is not a backup, run select pg_terminate_backend(%d)",
			t.Role, t.Program, t.State, since(t.Seconds), t.PID)
	}
	return nil
}

// bloat finds tables with many dead rows.
func (e *examination) bloat(ctx context.Context) error {
	tables, err := e.q.BloatedTables(ctx, e.limits.deadRows)
	if err != nil {
		return err
	}
	for _, t := range tables {
		e.add("bloat", Warning, "the table %s has %d dead rows beside %d: run vacuum %s, and look for transactions that are open for long", t.Name, t.Dead, t.Live, t.Name)
	}
	return nil
}

// jobs checks the jobs in the background.
func (e *examination) jobs(ctx context.Context) error {
	jobs, err := e.q.DoctorJobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if age := since(j.Seconds); age > e.limits.job {
			e.add("jobs", Warning, "the job %q runs for %v: look for \"backfill failed\" in the log", j.Name, age)
		} else {
			e.add("jobs", OK, "the job %q is not finished; it runs while the desk serves", j.Name)
		}
	}
	return nil
}

// outbox checks the delivery of events.
func (e *examination) outbox(ctx context.Context) error {
	consumers, err := e.q.DoctorOutbox(ctx)
	if err != nil {
		return err
	}
	for _, c := range consumers {
		if c.Dead > 0 {
			e.add("outbox", Problem, "events that could not be delivered to %[2]s: %[1]d; read why with frontdesk outbox list, and then run frontdesk outbox retry", c.Dead, c.Name)
		}
		if age := since(c.Seconds); age > e.limits.queue {
			e.add("outbox", Warning, "events that wait for %[2]s: %[1]d, one of them for %[3]v; is a desk running, and what does its log say?", c.Queued, c.Name, age)
		} else if c.Dead == 0 {
			e.add("outbox", OK, "events that wait for %[2]s: %[1]d", c.Queued, c.Name)
		}
	}
	return nil
}
