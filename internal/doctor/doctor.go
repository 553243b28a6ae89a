// Package doctor finds what is wrong, or will soon be wrong, with a desk and the machine it
// runs on. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
)

// Level is the urgency of a finding.
type Level string

// Levels.
const (
	OK      Level = "ok"
	Warning Level = "warning" // it works, but may not for long
	Problem Level = "problem" // something does not work, or data is at risk
)

// Finding is the result of a check.
type Finding struct {
	Check string `json:"check"` // name of the check: one word
	Level Level  `json:"level"`
	Text  string `json:"says"` // what was found and, if it is not OK, what to do
}

// String returns the finding as one line of text.
func (f Finding) String() string { return fmt.Sprintf("%-8s %-10s %s", f.Level, f.Check, f.Text) }

// Options describe the desk to examine.
type Options struct {
	Pool    *pgxpool.Pool                                // nil if the database cannot be reached, or is not open yet
	Connect func(context.Context) (*pgxpool.Pool, error) // opens Pool if it is nil; may be nil
	URL     string                                       // connection string of the database, for the check of its fitness
	Conns   int32                                        // connections that a replica needs
	// DirectURL is the connection string of PostgreSQL itself if URL is that of a pooler, and
	// otherwise the same. DirectConns is how many connections a replica needs there.
	DirectURL   string
	DirectConns int32
	DataDir     string
	Uploads     string            // folder of attachments; "" if they are in a bucket
	Bucket      Bucket            // of attachments; nil if they are in a folder
	PublicURL   string            // "" if not set
	Secrets     map[string]string // files with secrets, by their name in messages
	MinSecret   int64             // the minimum length of a secret in bytes
	Settings    string            // the file with the settings of the service, which may not exist; "" for none
	Now         func() time.Time
	NATS        func(context.Context) error // returns why NATS cannot be reached; nil if NATS_URL is not set
}

// Bucket is a bucket of S3.
type Bucket interface {
	// Check stores, reads, lists and removes a small object.
	Check(ctx context.Context) error
	// String returns the address without the key.
	String() string
}

// Time limits of the checks. PUBLIC_URL and the bucket are requested while the database is examined, so that all
// checks together take 3 seconds at most.
const (
	connectTime = 2 * time.Second         // to connect to the database
	longest     = 2500 * time.Millisecond // all checks
)

// Run runs all checks. A check that cannot be made is a finding.
func Run(ctx context.Context, o Options) []Finding {
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	e := &examination{Options: o, limits: usual()}
	e.run(ctx)
	return e.found
}

// connect opens the database, if it is not open and can be opened.
func (e *examination) connect(ctx context.Context) {
	if e.Pool != nil || e.Connect == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, connectTime)
	defer stop()
	pool, err := e.Connect(ctx)
	if err != nil {
		e.add("database", Problem, "%v", err)
		return
	}
	e.Pool = pool
}

// run runs all checks.
func (e *examination) run(ctx context.Context) {
	outside := &examination{Options: e.Options}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		outside.bucket(ctx)
		outside.address(ctx)
		outside.nats(ctx)
	}()
	e.database(ctx)
	e.disks()
	e.flushing()
	e.secrets()
	e.openFiles()
	<-answered
	e.found = append(e.found, outside.found...)
}

// database runs the checks of the database.
func (e *examination) database(ctx context.Context) {
	if e.connect(ctx); e.Pool == nil {
		return
	}
	e.q = db.New(e.Pool)
	if !e.check(ctx, "standby", e.standbys) {
		return
	}
	// If no change is acknowledged, waiting changes occupy the connections of a pooler, and the
	// check would report the pooler instead of the standby.
	if !e.halted {
		e.fitness(ctx)
	}
	for _, c := range []struct {
		name string
		run  func(context.Context) error
	}{{"database", e.server}, {"slots", e.slots}, {"wal", e.wal}, {"waiting", e.transactions}, {"bloat", e.bloat}, {"jobs", e.jobs}, {"outbox", e.outbox}, {"mail", e.mail}} {
		if !e.check(ctx, c.name, c.run) {
			return
		}
	}
}

// check runs a check of the database. It returns false if no time is left for others.
func (e *examination) check(ctx context.Context, name string, run func(context.Context) error) bool {
	err := run(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		e.add(name, Problem, "the database did not answer in time, so this check and those after it were not made: look for long statements, and for a machine that is too busy")
		return false
	case db.IsLocked(err):
		e.add(name, Problem, "the check needs a table that another session has locked: if no migration or restore is running, look for the session in pg_stat_activity")
	default:
		e.add(name, Problem, "the check failed: %v", err)
	}
	return true
}

// Worst returns the highest level of findings.
func Worst(all []Finding) Level {
	worst := OK
	for _, f := range all {
		if f.Level == Problem || f.Level == Warning && worst == OK {
			worst = f.Level
		}
	}
	return worst
}

// examination is one run of all checks.
type examination struct {
	Options
	limits limits
	q      *db.Queries
	found  []Finding
	halted bool // no change is acknowledged, because there is no standby
}

// add adds a finding.
func (e *examination) add(check string, level Level, says string, args ...any) {
	e.found = append(e.found, Finding{check, level, fmt.Sprintf(says, args...)})
}

// since returns a number of seconds as a duration in whole seconds.
func since(seconds float64) time.Duration { return time.Duration(seconds) * time.Second }
