package dbseed_test

import (
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/db/dbtest"
	"frontdesk/internal/blob"
)

// fill seeds 6,000 tickets, more than one batch.
func fill(t *testing.T, uploads string) *pgxpool.Pool {
	t.Helper()
	url := dbtest.NewURL(t)
	err := dbseed.Fill(t.Context(), url, dbseed.Options{Tickets: 6000, Words: 4, End: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Uploads: uploads})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// text returns the one text that a query selects.
func text(t *testing.T, pool *pgxpool.Pool, sql string) (s string) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSameOptionsGiveTheSameRows(t *testing.T) {
	t.Parallel()
	one, two := fill(t, ""), fill(t, "")
	for table, order := range map[string]string{
		"users": "id", "tickets": "id", "search_tickets": "ticket_id", "search_comments": "ticket_id, seq", "search_names": "user_id", "ticket_events": "ticket_id, seq", "ticket_reads": "ticket_id, user_id",
		"attachments": "id", "ticket_counts": "status, priority, category_id", "ticket_hours": "hour", "pg_indexes": "indexname",
	} {
		sql := "select count(*) || ' rows ' || md5(string_agg(md5(x::text), '' order by " + order + ")) from " + table + " x"
		if table == "pg_indexes" {
			sql += " where schemaname = 'public'"
		}
		if a, b := text(t, one, sql), text(t, two, sql); a != b {
			t.Errorf("%s: %s and %s", table, a, b)
		}
	}
}

func TestASeededDeskHasTheRowsThatTheDeskWouldWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool := fill(t, dir)
	for what, sql := range map[string]string{
		"one customer has 50":   "select (count(*) = 50)::text from tickets where requester_id = 2",
		"one customer has 500":  "select (count(*) = 500)::text from tickets where requester_id = 3",
		"some five entries":     "select (count(*) between 27000 and 33000)::text from ticket_events",
		"the log's end is kept": "select bool_and(last_seq = (select max(seq) from ticket_events e where e.ticket_id = t.id))::text from tickets t",
		"comments are counted":  "select bool_and(comment_count = (select count(*) from ticket_events e where e.ticket_id = t.id and kind = 'comment'))::text from tickets t",
		"files are counted":     "select bool_and(file_count = (select count(*) from attachments a where a.ticket_id = t.id))::text from tickets t",
		"own texts are searched": "select (count(*) = 6000 and bool_and((x.terms, x.runs) is not distinct from (s.terms, s.runs)))::text " +
			"from tickets t join search_tickets x on x.ticket_id = t.id, search_text(t.id, t.subject || ' ' || t.description) s",
		"comments are searched": "select (count(*) = (select count(*) from search_comments) and bool_and((x.terms, x.runs) is not distinct from (s.terms, s.runs)))::text " +
			"from ticket_events e left join search_comments x using (ticket_id, seq), search_text(e.ticket_id, e.body) s where e.kind = 'comment'",
		"people are searched": "select (count(*) = 4000 and bool_and(n.name = search_name(u.username, u.email)))::text from users u join search_names n on n.user_id = u.id",
		"counters are right": `select (not exists (select status, priority, category_id, count(*) from tickets group by 1, 2, 3
			except select status, priority, category_id, n from ticket_counts))::text`,
		"trends are right":         "select (sum(opened) = 6000)::text from ticket_hours",
		"nothing is after the end": "select (max(updated_at) <= '2026-07-01Z')::text from tickets",
		"a rare word is in ten":    "select (count(*) = 10)::text from search_tickets where terms @@ '''0:" + dbseed.Rare + "'''",
		"a common word is in many": "select (count(*) > 200)::text from search_tickets where terms @@ '''0:" + dbseed.Common + "'''",
		"a Chinese word is in two": "select (count(*) = 2)::text from search_tickets where terms @@ '''0:" + dbseed.Chinese + "'''",
		"so is an accented word":   "select (count(*) = 2)::text from search_tickets where terms @@ '''0:" + dbseed.Unaccented + "'''",
		"new tickets get new ids":  "select (nextval(pg_get_serial_sequence('tickets', 'id')) = 6001)::text",
		"tickets have teams":       "select (count(team_id) = 4500 and bool_and((assignee_id is null) = (id % 300 = 0 or id % 3 = 0 and status in ('OPEN', 'IN_PROGRESS'))))::text from tickets",
		// Migration 00031 adds this one without reading the log, which meets it.
		"every constraint is valid": "select bool_and(convalidated or conname = 'ticket_events_internal')::text from pg_constraint",
	} {
		if text(t, pool, sql) != "true" {
			t.Errorf("false: %s", what)
		}
	}
	store, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	f, err := store.Open(text(t, pool, "select name from attachments where ticket_id = 4000"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if want := text(t, pool, "select size::text from attachments where ticket_id = 4000"); err != nil || want != strconv.FormatInt(size, 10) {
		t.Errorf("the file has %d bytes (%v), its row has %s", size, err, want)
	}
}
