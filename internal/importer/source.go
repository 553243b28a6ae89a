package importer

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// source reads a snapshot of the first system's database.
type source struct {
	schema    string
	layout    layout
	conns     []*pgx.Conn
	txs       []pgx.Tx // of the same snapshot
	userIDs   ids
	ticketIDs ids
	totals    Totals
}

// ids describes the ids of a table of the source. Ids that are whole numbers from 1 on are
// kept. Other ids get the numbers 1, 2, … in the order of creation.
type ids struct {
	kept bool
	last int64 // the highest number
}

// Totals are the numbers of rows of the source.
type Totals struct{ Users, Tickets, Comments, Messages int64 }

// sourceUser is a row of the table of users. Number is the user's number without the base.
type sourceUser struct {
	ID                          string
	Number                      int64
	Name, Email, Password, Role string
	CreatedAt                   *time.Time // nil if the source does not have it
}

// sourceTicket is a row of the table of tickets with its comments and messages, which are
// in order of time.
type sourceTicket struct {
	ID                                       string
	Number                                   int64
	UserID                                   string
	Subject, Description, Category, Priority string
	Status, Attachment                       string
	CreatedAt, UpdatedAt                     *time.Time
	Comments, Messages                       []sourceEntry
}

// sourceEntry is a comment or a message.
type sourceEntry struct {
	ID, TicketID, UserID, Text string
	CreatedAt                  *time.Time
}

// openSource connects to the database, begins the snapshot and finds the tables. The caller
// must call close.
func openSource(ctx context.Context, address string, mapping Mapping) (*source, error) {
	address, schema := cutSchema(address)
	address, _, err := db.CleanURL(address)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	s := &source{schema: schema}
	if err := s.open(ctx, address, mapping); err != nil {
		s.close()
		return nil, fmt.Errorf("the source cannot be read: %w", err)
	}
	return s, nil
}

// cutSchema removes Prisma's parameter schema from a URL and returns its value, or "public".
func cutSchema(address string) (rest, schema string) {
	base, query, _ := strings.Cut(address, "?")
	schema = "public"
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		value, is := strings.CutPrefix(pair, "schema=")
		switch name, err := url.QueryUnescape(value); {
		case is && err == nil && name != "":
			schema = name
		case pair != "":
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return base, schema
	}
	return base + "?" + strings.Join(kept, "&"), schema
}

// streams is the number of cursors that are read at the same time.
const streams = 3

// open fills in the fields of s.
func (s *source) open(ctx context.Context, address string, mapping Mapping) error {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("--from is not a database URL: it has the form postgres://user:password@host:5432/name")
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // poolers may lose prepared statements
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	cfg.RuntimeParams["application_name"] = "frontdesk import"
	snapshot := ""
	for range streams {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return err
		}
		s.conns = append(s.conns, conn)
		if snapshot, err = s.begin(ctx, conn, snapshot); err != nil {
			return err
		}
	}
	if err := s.readLayout(ctx, mapping); err != nil {
		return err
	}
	return s.readTotals(ctx)
}

// begin begins a transaction that reads the snapshot, or exports a new one if snapshot is
// "". It returns the snapshot.
func (s *source) begin(ctx context.Context, conn *pgx.Conn, snapshot string) (string, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", err
	}
	s.txs = append(s.txs, tx)
	if snapshot == "" {
		err = tx.QueryRow(ctx, "select pg_export_snapshot()").Scan(&snapshot)
	} else {
		_, err = tx.Exec(ctx, "set transaction snapshot '"+strings.ReplaceAll(snapshot, "'", "")+"'")
	}
	if err != nil {
		return "", err
	}
	// A cursor waits while the desk stores what was read.
	_, err = tx.Exec(ctx, "select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true), set_config('jit', 'off', true)")
	return snapshot, err
}

// close ends the transactions and closes the connections.
func (s *source) close() {
	for _, c := range s.conns {
		_ = c.Close(context.Background()) // the transactions only read
	}
}

// compare compares two ids of tickets in the order of the source. "" comes after all others.
func (s *source) compare(a, b string) int {
	if !s.ticketIDs.kept {
		if a == "" || b == "" {
			return strings.Compare(b, a)
		}
		return strings.Compare(a, b)
	}
	x, y := number(a), number(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// number returns the number of an id, or the largest one if it is "".
func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return n
}

// position returns the parameter for the rows after an id; "" is before all.
func (s *source) position(after string) any {
	switch {
	case !s.ticketIDs.kept:
		return after
	case after == "":
		return int64(math.MinInt64)
	}
	return number(after)
}
