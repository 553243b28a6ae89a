package main

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db/dbtest"
)

// outboxRows has the numbers that show whether a delivery was lost or repeated.
type outboxRows struct{ queued, delivered, events int }

// readOutbox returns the number of queued events, of events in the notifications of the admin,
// and of all events.
func readOutbox(t *testing.T, conn *pgx.Conn) (r outboxRows) {
	t.Helper()
	err := conn.QueryRow(context.Background(), `select (select count(*) from outbox_queue), (select coalesce(sum(events), 0) from notifications),
		(select count(*) from ticket_events)`).Scan(&r.queued, &r.delivered, &r.events)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAKilledProgramLosesAndRepeatsNoNotification(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + own.Migrate()}
	conn, err := pgx.Connect(t.Context(), own.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	execute(t, own.URL("postgres"),
		"insert into users (username, email, password_hash, role, seen_at) values ('ana', 'ana@example.org', '', 'customer', now()), ('priya', 'priya@example.org', '', 'admin', now())",
		`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
			select 1, 's', 'd', 1, 'Low', 'key ' || i, '' from generate_series(1, 40) i`)
	serve(t, env...).end(t, syscall.SIGTERM) // the first run registers the consumers
	write := `with t as (update tickets set last_seq = last_seq + 1 returning id, last_seq)
		insert into ticket_events (ticket_id, seq, kind, author_id, body) select id, last_seq, 'comment', 1, 'text' from t`
	for round := range 5 {
		// Two replicas; one is killed while both deliver.
		killed, other := serve(t, env...), serve(t, env...)
		for range 10 {
			if _, err := conn.Exec(t.Context(), write); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(round) * 30 * time.Millisecond) // so that each round ends in another step
		killed.end(t, syscall.SIGKILL)
		other.end(t, syscall.SIGKILL)
	}
	last := serve(t, env...)
	defer last.end(t, syscall.SIGTERM)
	for end := time.Now().Add(30 * time.Second); readOutbox(t, conn).queued > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not all events are delivered: %+v", readOutbox(t, conn))
		}
	}
	r := readOutbox(t, conn)
	if r.delivered != r.events {
		t.Errorf("delivered is %d, want %d", r.delivered, r.events)
	}
	if r.events != 5*10*40 {
		t.Errorf("got %d events, want %d", r.events, 5*10*40)
	}
}

func TestDeadEventsAreListedAndRetriedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + own.Migrate()}
	served := serve(t, env...)
	defer served.end(t, syscall.SIGTERM)
	execute(t, own.URL("postgres"),
		"insert into users (username, email, password_hash, seen_at) values ('ana', 'ana@example.org', '', now())",
		"insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash) values ((select id from users where username = 'ana'), 's', 'd', 1, 'Low', 'key', '')",
		"insert into outbox_positions (stream, id, consumer, seq) values ('ticket', 1, 'notifications', 1)",
		"insert into ticket_events (ticket_id, seq, kind, author_id) values (1, 1, 'opened', (select id from users where username = 'ana'))",
		"delete from outbox_queue",
		"insert into outbox_dead (consumer, stream, id, seq, error, tries) values ('notifications', 'ticket', 1, 1, E'it\\nbroke', 10)")
	// The output begins with a warning about the durability of the test server.
	wants := func(what, suffix string, args ...string) {
		t.Helper()
		if got := run(t, env, append([]string{"outbox"}, args...)...); !strings.HasSuffix(got, suffix) {
			t.Errorf("%s: got %q, want %q at the end", what, got, suffix)
		}
	}
	wants("status", "\nnotifications\t0 queued\t1 dead\n", "status")
	wants("list", "\tit\ufffdbroke\n", "list")
	wants("retry of another ticket", "runs: 0\n", "retry", "--ticket", "2")
	wants("retry", "runs: 1\n", "retry")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if got := run(t, env, "outbox", "status"); strings.HasSuffix(got, "\nnotifications\t0 queued\t0 dead\n") {
			break
		} else if time.Now().After(end) {
			t.Fatal("after the retry: ", got)
		}
	}
}
