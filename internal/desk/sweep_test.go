package desk_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// A statement that deletes more rows than it can in its time limit would fail again with each sweep.
func TestTheSweepDeletesManyExpiredRowsInSeveralStatements(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	h.opens(h.person("ana", account.RoleCustomer), anInput("k"))
	h.exec("delete from rate_limits")
	h.exec("create table deletions (name text, n bigint)")
	h.exec(`create function count_deletions() returns trigger language plpgsql as
		$$begin insert into deletions select tg_table_name, count(*) from gone; return null; end$$`)
	rows := map[string]string{
		"attachments":      "(name, user_id, submission_id, filename, content_type, size, sha256, created_at) select i, u.id, i, 'a', 'text/plain', 1, '', now() - interval '100 days'",
		"sessions":         "(token_hash, data, expires_at) select i, '{}', now() - interval '100 days'",
		"kept_forms":       "(user_id, page, fields, created_at) select u.id, i, '{}', now() - interval '100 days'",
		"rate_limits":      "(key, allowed_at) select i, now() - interval '100 days'",
		"api_answers":      "(user_id, key, request_hash, created_at) select u.id, i, '', now() - interval '100 days'",
		"ws_tickets":       "(ticket_hash, user_id, session_ver, expires_at) select i::bytea, u.id, 1, now() - interval '100 days'",
		"invitations":      "(email, email_key, role, token_hash, invited_by, created_at, expires_at, revoked_at) select i || '@example.org', i, 'agent', i::bytea, u.id, now() - interval '900 days', now(), now()",
		"account_links":    "(use, user_id, email, token_hash, session_ver, created_at, expires_at) select 'undo', u.id, i, i::bytea, 1, now(), now() - interval '100 days'",
		"registrations":    "(username, email, password_hash, next, token_hash, created_at, expires_at) select 'Ana', i, '', '', i::bytea, now(), now() - interval '100 days'",
		"replica_messages": "(message, at) select i, now() - interval '100 days'",
	}
	for table, values := range rows {
		h.exec("insert into " + table + " " + values + " from users u, (select i::text from generate_series(1, 2100) i) x")
	}
	h.exec("insert into users (username, email, email_key, password_hash) select 'Sam', i || '@example.org', i, '' from generate_series(1, 2100) i")
	h.exec("insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at) select t.id, u.id, 1, 1, 1, 'comment', 1, now() - interval '100 days' from tickets t, users u")
	tables := append(slices.Collect(maps.Keys(rows)), "notifications")
	for _, table := range tables {
		h.exec(fmt.Sprintf("create trigger count_deletions after delete on %s referencing old table as gone for each statement execute function count_deletions()", table))
	}
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if n := h.number("select count(*) from " + table); n != 0 {
			t.Errorf("%s: %d rows are left, want none", table, n)
		}
		if n := h.number("select coalesce(max(n), 0) from deletions where name = $1", table); n != 1000 {
			t.Errorf("%s: %d rows in one statement, want 1000", table, n)
		}
	}
	h.exec("truncate deletions")
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := h.number("select count(*) from deletions"), int64(len(tables)); got != want {
		t.Errorf("%d statements for nothing, want %d", got, want)
	}
}
