package importer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/importer"
)

// addUsers adds the users 1 to n to the source. The first is an admin.
func (h *house) addUsers(n int) {
	h.t.Helper()
	h.fill(`insert into "User" (id, username, email, password, role) select n, 'User ' || n, 'user' || n || '@example.org', '', case n when 1 then 'ADMIN' else 'CUSTOMER' end::"Role" from generate_series(1, $1::int) n`, n)
}

func TestAnAccountWithTheAddressOfAUserTakesTheirID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addUsers(5)
	admin := h.person("USER3@example.org", account.RoleAdmin)    // id 1
	plain := h.person("user1@example.org", account.RoleCustomer) // id 2, and the admin of the source
	h.exec(`insert into attachments (name, user_id, submission_id, filename, content_type, size, sha256) values ('a', $1, 's', 'a.txt', 'text/plain', 1, '')`, admin)
	h.imports()
	h.is("1 user1@example.org admin kept,2 user2@example.org customer ,3 USER3@example.org admin kept,4 user4@example.org customer ,5 user5@example.org customer ",
		"select string_agg(id || ' ' || email || ' ' || role || ' ' || password_hash, ',' order by id) from users")
	h.is("3", "select user_id from attachments")
	h.is("0", "select count(*) from users where email_twin")
	report := h.report()
	for line, want := range map[string]string{fmt.Sprint("account,", admin): "has a new id; its sessions and API tokens have ended", fmt.Sprint("account,", plain): "has a new id",

		"user,1": "it keeps its name and its password, and has the role admin now", "user,3": "it keeps its name and its password"} {
		if got := report[line]; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", line, got, want)
		}
	}
}

func TestAnAccountWhoseIDAUserNeedsGetsANewOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addUsers(5)
	admin := h.person("boss@example.org", account.RoleAdmin)
	h.exec(`insert into sessions (token_hash, data, expires_at) values ('h', jsonb_build_object('user_id', $1::bigint), now() + interval '1 day')`, admin)
	h.imports()
	h.is("6", "select id from users where email = 'boss@example.org'")
	h.is("user1@example.org", "select email from users where id = 1")
	h.is("0", "select count(*) from sessions")
	h.is("kept", "select password_hash from users where id = 6")
	h.is("7", "select nextval(pg_get_serial_sequence('users', 'id'))")
}

func TestAnAccountWithoutConflictKeepsItsID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fill(`insert into "User" (id, username, email, password) values (40, 'Ana', 'ana@example.org', '')`)
	h.person("boss@example.org", account.RoleAdmin)
	h.imports()
	h.is("1,40", "select string_agg(id::text, ',' order by id) from users")
}

func TestASignedTokenOfBeforeAnImportIsOfNoOtherAccountAfterwards(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addUsers(5)
	admin := h.person("user2@example.org", account.RoleAdmin) // id 1, which user 1 needs, and becomes 2
	other := h.person("mallory@example.org", account.RoleCustomer)
	h.exec("update users set session_ver = 3 where id = $1", other)
	h.imports()
	for _, token := range [][2]int64{{admin, 1}, {other, 1}, {other, 2}, {other, 3}} {
		h.is("0", "select count(*) from users where id = $1 and session_ver = $2", token[0], token[1])
	}
	h.is("4", "select min(session_ver) from users")
}

func TestTheDeskIsUsedWhileAnImportIsInterrupted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fillLarge(600)
	h.stopAfter(1)
	id := h.person("new@example.org", account.RoleCustomer)
	if id != 501 {
		t.Errorf("a new account has the id %d, want 501", id)
	}
	h.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash) values ($1, 'Own', 'Own', 1, 'Low', 'own', '')`, id)
	h.imports()
	h.is("601", "select count(*) from tickets")
	h.is("601", "select id from tickets where subject = 'Own'")
}

func TestAllColumnsOfAnAccountMoveWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addUsers(1)
	h.exec(`insert into users (username, email, email_key, email_twin, password_hash, role, session_ver, must_change_password, disabled_at, seen_at, created_at, updated_at)
		values ('Boss', 'boss@example.org', 'key', true, 'hash', 'admin', 7, true, '2020-01-01', '2020-01-02', '2020-01-03', '2020-01-04')`)
	h.exec(`update users set email_verified_at = '2020-01-05', mail_prefs = '{"a": 1}', page_prefs = '{"b": 2}' where username = 'Boss'`)
	const row = "select to_jsonb(u) - 'id' - 'session_ver' from users u where username = 'Boss'"
	before := h.text(row)
	h.imports()
	h.is(before, row)
	h.is("2 8", "select id || ' ' || session_ver from users where username = 'Boss'")
	h.is("20", "select count(*) from information_schema.columns where table_name = 'users'") // CopyAccount has to copy all of them
}

func TestWhatBelongsToAnAccountMovesWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addUsers(1)
	boss := h.person("boss@example.org", account.RoleAdmin)
	h.exec("insert into mailboxes (address) values ('help@example.org')")
	for _, sql := range []string{
		"insert into teams (name, name_key, retired_by) values ('Billing', 'billing', $1)",
		"insert into team_members (team_id, user_id, lead) values (1, $1, true)",
		"insert into views (name, name_key, query, owner_id, position) values ('Mine', 'mine', 'assignee=' || $1::bigint, $1, 1)",
		"insert into views (name, name_key, query, position) select 'All', 'all', 'assignee=' || $1::bigint || '&requester=' || $1::bigint || '1', 2",
		"insert into view_pins (user_id, view_id) values ($1, 1)",
		"update settings set changed_by = $1",
		"insert into mail_out (mailbox_id, kind, user_id, email, message_id, subject, job_at, next_at, expires_at, created_at) select id, 'password', $1, 'boss@example.org', 'm', 's', now(), now(), now(), now() from mailboxes",
		"insert into account_links (use, user_id, email, token_hash, session_ver, created_at, expires_at) values ('verify', $1, 'boss@example.org', '', 1, now(), now())",
		"insert into registrations (username, email, password_hash, next, token_hash, created_at, expires_at, user_id) values ('Boss', 'boss@example.org', '', '', '', now(), now(), $1)",
		"insert into invitations (email, email_key, role, token_hash, invited_by, accepted_by, created_at, expires_at) values ('a@example.org', 'a', 'agent', '', $1, $1, now(), now())",
	} {
		h.exec(sql, boss)
	}
	h.imports()
	moved := h.text("select id::text from users where email = 'boss@example.org'")
	if moved == fmt.Sprint(boss) {
		t.Fatalf("the account has its id %s still", moved)
	}
	for _, owner := range []string{"select retired_by::text from teams", "select user_id::text from team_members where lead", "select owner_id::text from views where owner_id is not null",
		"select user_id::text from view_pins", "select changed_by::text from settings", "select invited_by::text from invitations", "select accepted_by::text from invitations",
		"select user_id::text from mail_out", "select user_id::text from account_links", "select user_id::text from registrations"} {
		h.is(moved, owner)
	}
	h.is("assignee="+moved, "select query from views where name = 'Mine'")
	h.is(fmt.Sprintf("assignee=%s&requester=%d1", moved, boss), "select query from views where name = 'All'")
	// MoveOwned has to move the rows of every table that a desk without tickets can have.
	h.is("25", "select count(*) from pg_constraint where confrelid = 'users'::regclass")
}

// stopAfter runs the import until n batches of tickets are committed.
func (h *house) stopAfter(n int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	batches := 0
	h.Progress = func(p importer.Progress) {
		if p.Kind == "ticket" {
			batches++
		}
		if batches == n {
			cancel()
		}
	}
	defer func() { h.Progress = nil }()
	_, err := h.run(ctx)
	if err == nil {
		h.t.Fatal("got no error, want one")
	}
	if !strings.HasPrefix(err.Error(), "interrupted") {
		h.t.Errorf(`the error is %q, want the prefix "interrupted"`, err.Error())
	}
}
