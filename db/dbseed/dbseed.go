// Package dbseed fills a database with a large desk, for measuring and for
// tests of plans. The same options give the same rows.
package dbseed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// The people of a seeded desk are known by number: 1 to Users, and after them
// Crew more of staff, who have nothing to do but to hold sockets.
const (
	Users       = 2000
	Crew        = 2000
	Admin       = 1
	Fifty       = 2 // has exactly 50 tickets, the first with 20 entries
	FiveHundred = 3 // has 500, of a desk of 550 or more
)

// eventsEach is the mean number of entries of a ticket.
const eventsEach = 5

// Options say what a desk is seeded with.
type Options struct {
	Tickets int
	// End is when the last ticket came; the first came two years before. Zero
	// is the hour that has begun.
	End time.Time
	// PasswordHash is everybody's.
	PasswordHash string
	// Progress, if set, is called with the number of tickets that are there.
	Progress func(done int)
}

// Fill fills an empty, migrated database. It copies with triggers and foreign
// keys off (the URL's role must be a superuser) and writes itself what they
// would have.
func Fill(ctx context.Context, url string, o Options) error {
	if o.End.IsZero() {
		o.End = time.Now().UTC().Truncate(time.Hour)
	}
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	conn, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	n := o.Tickets
	s := &seeder{conn: conn, rnd: rand.New(rand.NewPCG(1, 2)), end: o.End,
		counts: map[[3]any]int64{}, hours: map[time.Time][2]int64{}}
	if err := s.people(ctx, o.PasswordHash); err != nil {
		return fmt.Errorf("seed users: %w", err)
	}
	const batch = 10_000
	for from := 1; from <= n; from += batch {
		if err := s.tickets(ctx, from, min(n, from+batch-1), n); err != nil {
			return fmt.Errorf("seed tickets: %w", err)
		}
		o.Progress(min(n, from+batch-1))
	}
	if err := s.counters(ctx); err != nil {
		return fmt.Errorf("seed counters: %w", err)
	}
	if err := db.New(conn).WordTickets(ctx); err != nil {
		return fmt.Errorf("seed words: %w", err)
	}
	if err := db.New(conn).MoveSequences(ctx, db.MoveSequencesParams{Users: Users + Crew, Tickets: int64(n)}); err != nil {
		return err
	}
	if err := s.sessions(ctx); err != nil {
		return fmt.Errorf("seed sessions: %w", err)
	}
	_, err = conn.Exec(ctx, "vacuum analyze")
	return err
}

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["session_replication_role"] = "replica"
	cfg.RuntimeParams["synchronous_commit"] = "off"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	for _, enum := range []string{"user_role", "ticket_status", "ticket_priority", "event_kind"} {
		t, err := conn.LoadType(ctx, enum) // COPY is binary, so pgx must know them
		if err != nil {
			conn.Close(ctx)
			return nil, err
		}
		conn.TypeMap().RegisterType(t)
	}
	return conn, nil
}

type seeder struct {
	conn   *pgx.Conn
	rnd    *rand.Rand
	end    time.Time
	counts map[[3]any]int64 // status, priority, category → tickets
	hours  map[time.Time][2]int64
}

func (s *seeder) people(ctx context.Context, hash string) error {
	rows := make([][]any, Users+Crew)
	for i := range rows {
		id, role := i+1, "customer"
		if id == Admin || id > Users {
			role = "admin"
		}
		rows[i] = []any{int64(id), fmt.Sprintf("%s %s", s.word(), s.word()), Email(id), hash, role}
	}
	return s.copy(ctx, "users", rows, "id", "username", "email", "password_hash", "role")
}

// sessions signs everybody in: by the form that would take minutes, as a
// password costs 50 ms of a core.
func (s *seeder) sessions(ctx context.Context) error {
	rows := make([][]any, Users+Crew)
	for i := range rows {
		id := i + 1
		sum := sha256.Sum256([]byte(token(id)))
		data := fmt.Sprintf(`{"user_id":%d,"session_ver":1}`, id)
		rows[i] = []any{hex.EncodeToString(sum[:]), data, time.Now().Add(24 * time.Hour)}
	}
	return s.copy(ctx, "sessions", rows, "token_hash", "data", "expires_at")
}

func token(id int) string { return fmt.Sprintf("bench-%d", id) }

// Cookie is the Cookie header of a person's session, made with the desk.
func Cookie(id int) string { return "frontdesk_session=" + token(id) }

// Email is a person's address.
func Email(id int) string { return fmt.Sprintf("user%d@bench.example", id) }

// requester spreads tickets over people: the first 50 are of one customer, the
// next 500 of another.
func (s *seeder) requester(id int) int64 {
	switch {
	case id <= 50:
		return Fifty
	case id <= 550:
		return FiveHundred
	}
	return int64(4 + s.rnd.IntN(Users-3))
}

func (s *seeder) tickets(ctx context.Context, from, to, n int) error {
	var tickets, events, reads [][]any
	for id := from; id <= to; id++ {
		created := s.end.Add(-time.Duration(float64(2*365*24*time.Hour) * float64(n-id) / float64(n)))
		requester, status := s.requester(id), s.status(float64(id)/float64(n))
		priority := []string{"Low", "Medium", "Medium", "High", "Urgent"}[s.rnd.IntN(5)]
		category := int64(1 + s.rnd.IntN(3))
		count := 1 + s.rnd.IntN(2*eventsEach-1)
		if id == 1 {
			count = 20
		}
		at := created
		for seq := 1; seq <= count; seq++ {
			kind, author := "comment", requester
			if seq == 1 {
				kind = "opened"
			} else if at = at.Add(time.Duration(s.rnd.IntN(600)) * time.Minute); seq%2 == 0 {
				author = Admin
			}
			body := ""
			if seq > 1 {
				body = s.text(30)
			}
			events = append(events, []any{int64(id), int64(seq), kind, author, body, at})
		}
		var waiting *time.Time
		if count%2 == 1 && (status == "OPEN" || status == "IN_PROGRESS") {
			waiting = &at
		}
		reads = append(reads, []any{int64(id), requester, int64(count), int32(0)})
		tickets = append(tickets, []any{int64(id), requester, s.text(6), s.text(60), category, priority, status,
			int64(count), int32(count - 1), waiting, fmt.Sprintf("bench-%d", id), []byte{0}, created, at})
		s.counts[[3]any{status, priority, category}]++
		s.hour(created, 0)
		if status == "RESOLVED" || status == "CLOSED" {
			s.hour(at, 1)
		}
	}
	if err := s.copy(ctx, "tickets", tickets, "id", "requester_id", "subject", "description", "category_id", "priority", "status",
		"last_seq", "comment_count", "waiting_since", "submission_id", "submission_hash", "created_at", "updated_at"); err != nil {
		return err
	}
	if err := s.copy(ctx, "ticket_events", events, "ticket_id", "seq", "kind", "author_id", "body", "created_at"); err != nil {
		return err
	}
	return s.copy(ctx, "ticket_reads", reads, "ticket_id", "user_id", "seq", "unread")
}

// status makes old tickets done and leaves about 2 % of all to do, mostly new ones.
func (s *seeder) status(age float64) string {
	switch x := s.rnd.Float64(); {
	case age > .96 && x < .3:
		return "OPEN"
	case age > .96 && x < .5:
		return "IN_PROGRESS"
	case x < .2:
		return "RESOLVED"
	}
	return "CLOSED"
}

func (s *seeder) hour(at time.Time, column int) {
	h := at.Truncate(time.Hour)
	both := s.hours[h]
	both[column]++
	s.hours[h] = both
}

func (s *seeder) counters(ctx context.Context) error {
	var counts, hours [][]any
	for k, n := range s.counts {
		counts = append(counts, []any{k[0], k[1], k[2], int16(0), n})
	}
	for h, both := range s.hours {
		hours = append(hours, []any{h, int16(0), both[0], both[1]})
	}
	if err := s.copy(ctx, "ticket_counts", counts, "status", "priority", "category_id", "shard", "n"); err != nil {
		return err
	}
	return s.copy(ctx, "ticket_hours", hours, "hour", "shard", "opened", "resolved")
}

func (s *seeder) copy(ctx context.Context, table string, rows [][]any, columns ...string) error {
	_, err := s.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}

// word draws from some 8,000 words, low numbers far more often: a vocabulary
// with common and rare words, as people's has.
func (s *seeder) word() string {
	n := int(8000 * s.rnd.Float64() * s.rnd.Float64() * s.rnd.Float64())
	return syllables[n%20] + syllables[n/20%20] + syllables[n/400%20]
}

var syllables = strings.Fields("ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu")

func (s *seeder) text(words int) string {
	var b strings.Builder
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.word())
	}
	return b.String()
}
