package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/desk"
	"frontdesk/internal/upload"
)

// target is the destination of an import: a desk, or only a report in a dry run.
type target interface {
	// start prepares the desk for the ids of the source, or continues an import of the same
	// source.
	start(ctx context.Context, s *source) (importState, error)
	// addCategories adds the categories that are missing, and returns the ids of all by the
	// key of their name.
	addCategories(ctx context.Context, names []string) (map[string]int64, error)
	addUsers(ctx context.Context, all []user) error
	// storeFile stores the file of an attachment. It returns [*missingFile] for a file that
	// cannot be imported.
	storeFile(ctx context.Context, attachment string) (*upload.File, error)
	// addTickets writes tickets and entries of the report. It is called for several batches
	// at the same time.
	addTickets(ctx context.Context, l loaded) error
	// finish marks the import as finished.
	finish(ctx context.Context) error
}

// importState is the state of an import when it starts or continues.
type importState struct {
	userBase, ticketBase int64
	batches              map[string]string // imported batches: after → last
	tickets              int64             // the number of tickets of the source in them
	imported             map[string]int64  // users of the source that are imported → id
	taken                map[string]bool   // keys of the addresses of the desk
	at                   time.Time         // when the import was started
}

// frontier returns the id of the last ticket up to which all batches are imported.
func (b importState) frontier() (last string) {
	for {
		next, done := b.batches[last]
		if !done || next == last {
			return last
		}
		last = next
	}
}

// database is a target that writes to a desk.
type database struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	blobs   desk.Blobs
	uploads uploads
	now     func() time.Time
}

// statementTimeout is the time limit of a statement of an import.
const statementTimeout = 70 * time.Second

// longTx runs f in one transaction with higher time limits, again after a deadlock. f must
// use the context that it gets.
func longTx(ctx context.Context, pool *pgxpool.Pool, f func(ctx context.Context, q *db.Queries) error) error {
	ctx = db.WithCallTimeout(ctx, statementTimeout)
	return db.Tx(ctx, pool, func(q *db.Queries) error {
		if err := q.WaitLonger(ctx); err != nil {
			return err
		}
		return f(ctx, q)
	})
}

// ErrNotEmpty is returned if the desk has tickets.
var ErrNotEmpty = errors.New("this desk has tickets already; an import needs a desk without: use a new database (and a new DATA_DIR)")

// start implements [target].
func (d *database) start(ctx context.Context, s *source) (importState, error) {
	state, err := d.q.GetImport(ctx)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		err = longTx(ctx, d.pool, func(ctx context.Context, q *db.Queries) (err error) {
			state, err = d.begin(ctx, q, s)
			return err
		})
	case err == nil && state.Source != s.describe():
		err = fmt.Errorf("the source has changed since the import began: it had %s and has %s now; what was added or removed would be missed: stop the first system, and begin again with a new database (and a new DATA_DIR)", state.Source, s.describe())
	}
	if err != nil {
		return importState{}, err
	}
	var b importState
	err = longTx(ctx, d.pool, func(ctx context.Context, q *db.Queries) (err error) {
		b, err = readImportState(ctx, q, state)
		return err
	})
	return b, err
}

// readImportState reads which batches and users are imported.
func readImportState(ctx context.Context, q *db.Queries, state db.Import) (importState, error) {
	b := importState{userBase: state.UserBase, ticketBase: state.TicketBase, batches: map[string]string{}, imported: map[string]int64{}, taken: map[string]bool{}, at: state.StartedAt}
	done, err := q.ImportedUsers(ctx)
	if err != nil {
		return b, err
	}
	for _, u := range done {
		b.imported[u.OldID] = u.NewID
	}
	accounts, err := q.KeyedAccounts(ctx)
	if err != nil {
		return b, err
	}
	for _, a := range accounts {
		b.taken[a.Key] = true
	}
	batches, err := q.ListImportBatches(ctx)
	if err != nil {
		return b, err
	}
	for _, x := range batches {
		b.batches[x.AfterID] = x.LastID
	}
	b.tickets, err = q.CountReportedTickets(ctx)
	return b, err
}

// describe returns the numbers of rows and the last ids of the source. If they differ from those of
// an interrupted import, the source has changed or is another one.
func (s *source) describe() string {
	t := s.totals
	return fmt.Sprintf("%d users (the last is %d), %d tickets (the last is %d), %d comments and %d messages", t.Users, s.userIDs.last, t.Tickets, s.ticketIDs.last, t.Comments, t.Messages)
}

// begin begins an import in the caller's transaction: it sets the next ids of users and
// tickets after those of the source, so that the desk can be used meanwhile, and moves or
// merges the accounts of the desk.
func (d *database) begin(ctx context.Context, q *db.Queries, s *source) (db.Import, error) {
	if err := q.LockPeopleAndTickets(ctx); err != nil {
		return db.Import{}, err
	}
	if err := refuseTickets(ctx, q); err != nil {
		return db.Import{}, err
	}
	nextUser, err1 := q.NextUserID(ctx)
	nextTicket, err2 := q.NextTicketID(ctx)
	state := db.Import{Source: s.describe(), StartedAt: d.now()}
	var users, tickets int64
	state.UserBase, users = s.userIDs.base(nextUser)
	state.TicketBase, tickets = s.ticketIDs.base(nextTicket)
	if err := errors.Join(err1, err2, q.SetNextIDs(ctx, db.SetNextIDsParams{Users: users, Tickets: tickets})); err != nil {
		return state, err
	}
	if err := q.StartImport(ctx, db.StartImportParams{Source: state.Source, UserBase: state.UserBase, TicketBase: state.TicketBase, Now: state.StartedAt}); err != nil {
		return state, err
	}
	return state, d.settleAccounts(ctx, q, s)
}

// refuseTickets returns [ErrNotEmpty] if the desk has tickets.
func refuseTickets(ctx context.Context, q *db.Queries) error {
	has, err := q.HasTickets(ctx)
	if err == nil && has {
		err = ErrNotEmpty
	}
	return err
}

// base returns the offset to add to the numbers of rows, and the id of the next row of the desk
// after the import. next is that id before the import.
func (i ids) base(next int64) (base, after int64) {
	if !i.kept {
		base = next - 1
	}
	return base, max(next, base+i.last+1)
}

// finish implements [target].
func (d *database) finish(ctx context.Context) error { return d.q.FinishImport(ctx, d.now()) }
