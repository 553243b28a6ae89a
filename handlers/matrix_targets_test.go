package handlers

import (
	"fmt"
	"strings"

	"frontdesk/internal/account"
)

// target returns the ID for the kind and the relation of the cell.
func (m *matrixRun) target(c cell) string {
	isFile := c.kind == "file"
	switch {
	case c.relation == "none":
		return ""
	case c.relation == "unknown":
		return map[bool]string{true: strings.Repeat("a", 26), false: "999999"}[isFile]
	case c.relation == "malformed":
		return map[bool]string{true: "..%2f..%2fetc", false: "1e3"}[isFile]
	case c.kind == "user" && c.relation == "own":
		return fmt.Sprint(c.id)
	case c.kind == "category":
		return "1"
	}
	key := m.key(c)
	if m.targets[key] == "" {
		m.targets[key] = m.fresh(c)
		m.state = nil
	}
	return m.targets[key]
}

// owner returns the owner of the target of the cell.
func (m *matrixRun) owner(c cell) *client {
	if strings.HasPrefix(c.relation, "own") {
		return c.client
	}
	return m.other
}

// noteSeq is the sequence number of the notes of the matrix.
const noteSeq = "5"

// key returns the key of a target. A note is of the person who tries the route.
func (m *matrixRun) key(c cell) string {
	key := c.kind + " " + c.relation + " " + m.owner(c).name
	if c.kind == "note" {
		key += " " + c.person.name
	}
	return key
}

// fresh creates a target of the cell's kind and returns its id or name.
func (m *matrixRun) fresh(c cell) string {
	owner := m.owner(c)
	if owner.name == "Disabled" { // while the account was enabled
		m.app.exec("update users set disabled_at = null where id = $1", owner.id)
		defer m.app.exec("update users set disabled_at = now() where id = $1", owner.id)
	}
	actor := owner.self()
	switch {
	case c.kind == "user":
		return fmt.Sprint(m.freshUser())
	case c.kind == "invitation":
		return fmt.Sprint(m.freshInvitation())
	case c.kind == "role":
		return fmt.Sprint(m.freshRole())
	case c.kind == "mailbox":
		return fmt.Sprint(m.app.mailbox())
	case c.kind == "token":
		return m.freshToken(actor)
	case c.kind == "view" && c.relation == "everybody's":
		return m.freshView(nil)
	case c.kind == "view":
		return m.freshView(&owner.id)
	case c.kind == "team":
		m.made++
		return fmt.Sprint(m.app.team(fmt.Sprintf("Team %d", m.made), false))
	case strings.HasSuffix(c.relation, "staged"):
		return m.app.stagedBy(owner)
	}
	ticket, file := m.app.ticketWithFile(owner)
	if strings.HasSuffix(c.relation, "deleted") || c.kind == "trash" && c.relation != "active" {
		if err := m.app.desk.Tickets.Delete(m.t.Context(), actor, ticket); err != nil {
			m.t.Fatal(err)
		}
	}
	switch c.kind {
	case "file":
		return file
	case "mail":
		return fmt.Sprint(m.freshMail(ticket))
	case "note":
		m.app.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, side, internal, body)
			values ($1, $2::text::bigint, 'note', coalesce(nullif($3::bigint, 0), $4), 'staff', true, $5)`, ticket, noteSeq, c.id, owner.id, secret)
	case "notification":
		m.app.exec(`insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at)
			values ($1, $2, 1, 1, 1, 'comment', $2, now())`, ticket, owner.id)
	}
	return fmt.Sprint(ticket)
}

// freshUser creates an account and returns its id.
func (m *matrixRun) freshUser() (id int64) {
	m.made++
	err := m.app.pool.QueryRow(m.t.Context(), "insert into users (username, email, password_hash) values ('Someone', $1, '-') returning id",
		fmt.Sprintf("someone%d@example.org", m.made)).Scan(&id)
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// freshMail adds a mail about a ticket, and returns its id.
func (m *matrixRun) freshMail(ticket int64) (id int64) {
	err := m.app.pool.QueryRow(m.t.Context(), `insert into mail_out (mailbox_id, kind, ticket_id, seq, email, message_id, subject, raw, state, job_at, next_at, expires_at, created_at)
		select min(id), 'answer', $1::bigint, 1, '', 'id ' || $1::bigint, $2, 'x', 'failed', now(), now(), now(), now() from mailboxes returning id`, ticket, secret).Scan(&id)
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// freshInvitation creates an invitation and returns its id.
func (m *matrixRun) freshInvitation() (id int64) {
	m.made++
	err := m.app.pool.QueryRow(m.t.Context(), `insert into invitations (email, email_key, role, token_hash, invited_by, created_at, expires_at)
		select e, e, 'agent', sha256(e::bytea), (select min(id) from users where role = 'admin'), now(), now() + interval '1 day' from (values ($1::text)) v(e) returning id`,
		fmt.Sprintf("invited%d@example.org", m.made)).Scan(&id)
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// freshRole deletes all roles, creates one and returns its id.
func (m *matrixRun) freshRole() (id int64) {
	m.app.exec("delete from roles where name_key = 'light agent'")
	if err := m.app.pool.QueryRow(m.t.Context(), "insert into roles (name, name_key) values ('Light agent', 'light agent') returning id").Scan(&id); err != nil {
		m.t.Fatal(err)
	}
	return id
}

// freshView adds a view of a user, or one of all staff.
func (m *matrixRun) freshView(owner *int64) (id string) {
	m.made++
	name := fmt.Sprint("View ", m.made)
	if owner != nil && *owner == m.other.id {
		name = secret + fmt.Sprint(m.made)
	}
	err := m.app.pool.QueryRow(m.t.Context(), "insert into views (name, name_key, query, owner_id, position) values ($1, $1, 'status=OPEN', $2, 1) returning id::text", name, owner).Scan(&id)
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// freshToken creates an API token of the owner and returns its id.
func (m *matrixRun) freshToken(owner account.Actor) string {
	m.made++
	m.app.exec("insert into api_tokens (user_id, name, token_hash, created_at) values ($1, $2, sha256($3::text::bytea), now())", owner.ID, owner.Username+"’s", fmt.Sprint(m.made))
	list, err := m.app.desk.Accounts.Tokens.List(m.t.Context(), owner)
	if err != nil {
		m.t.Fatal(err)
	}
	return fmt.Sprint(list[0].ID)
}
