package db_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db/dbtest"
)

// connection returns a connection to a new database.
func connection(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := dbtest.New(t).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	return conn.Conn()
}

// plan returns the plan of a statement.
func plan(t *testing.T, conn *pgx.Conn, statement string) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "explain (verbose, costs off) "+statement)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// A function that is declared more immutable than its body is called for each row, which takes
// about 5 µs.
func TestSmallFunctionsAreReplacedByTheirBodies(t *testing.T) {
	t.Parallel()
	conn := connection(t)
	for _, call := range []string{
		"side_of(e.author_id, t.requester_id)",
		"role_key(u.role, u.permissions)",
		"reach_of(u.role, u.permissions)",
		"works_as_staff(u.role)",
		"on_staff_side(true, u.id, t.requester_id)",
		"may_read('all', u.id, t.requester_id, t.team_id)",
		"public_seq(t.last_seq, t.internal_seq, t.public_seq_before)",
		"has_token(m.kind)",
		"must_readdress(m.kind, m.email, u.email)",
		"wants_mail(u.mail_prefs, m.kind::text)",
		"wants_notification(u.page_prefs, case when exists (select from followers f where f.user_id = u.id) then 'answered' end)",
		"may_see_mail('all', u.id, t.requester_id, t.team_id, m.tickets)",
		"actor_teams(u.id, u.role, u.permissions)",
	} {
		name, _, _ := strings.Cut(call, "(")
		got := plan(t, conn, "select "+call+" from tickets t, ticket_events e, users u, mail_out m")
		if strings.Contains(got, name+"(") {
			t.Errorf("the plan calls %s:\n%s", name, got)
		}
	}
}
