package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/importer"
)

// renamed has the tables of a source with other names and with ids that are not numbers.
const renamed = `
create table people (id uuid primary key, full_name text, "emailAddress" text, secret text, role text, created_at timestamptz);
create table tickets (id text primary key, title text, body text, category text, priority text, status text, owner_id uuid, created_at timestamp, updated_at timestamp);
create table comments (id text primary key, content text, ticket_id text, author_id uuid, created_at timestamptz);
create table messages (id text primary key, text text, ticket_id text, user_id uuid, created_at timestamptz);
insert into people values
	('00000000-0000-0000-0000-00000000000b', 'Ana', 'ana@example.org', 'x', 'customer', '2024-02-01 10:00+00'),
	('00000000-0000-0000-0000-00000000000a', 'Ben', 'ben@example.org', 'x', 'admin', '2024-02-02 10:00+00');
insert into tickets values
	('Zb', 'First', 'b', 'General', 'Low', 'open', '00000000-0000-0000-0000-00000000000b', '2024-03-01 00:00', null),
	('aa', 'Third', 'b', 'General', 'Low', 'in progress', '00000000-0000-0000-0000-00000000000b', '2024-03-03 00:00', null),
	('é1', 'Second', 'b', 'General', 'Low', 'Closed', '00000000-0000-0000-0000-00000000000b', '2024-03-02 00:00', null);
insert into comments values
	('c1', 'one', 'aa', '00000000-0000-0000-0000-00000000000a', '2024-03-03 01:00+00'),
	('c2', 'two', 'Zb', '00000000-0000-0000-0000-00000000000a', '2024-03-03 02:00+02'),
	('c3', 'stray', 'aaa', '00000000-0000-0000-0000-00000000000a', '2024-03-03 02:00+02'),
	('c4', 'stray', null, '00000000-0000-0000-0000-00000000000a', '2024-03-03 02:00+02'),
	('c5', 'no author', 'aa', null, '2024-03-03 02:00+02'),
	('c6', 'no time', 'aa', '00000000-0000-0000-0000-00000000000b', 'infinity');
insert into messages values ('m1', 'three', 'é1', '00000000-0000-0000-0000-00000000000b', '2024-03-03 01:00+00');
`

// newRenamed returns a house with the renamed source and a mapping for it.
func newRenamed(t *testing.T, mapping string) *house {
	t.Helper()
	h := emptySource(t)
	h.fill(renamed)
	path := filepath.Join(t.TempDir(), "mapping.json")
	if err := os.WriteFile(path, []byte(mapping), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.Mapping, err = importer.ReadMapping(path); err != nil {
		t.Fatal(err)
	}
	return h
}

const mapping = `{"User": {"table": "people", "columns": {"password": "secret"}}}`

func TestIDsThatAreNotNumbersGetNumbersInOrderOfCreation(t *testing.T) {
	t.Parallel()
	h := newRenamed(t, mapping)
	h.person("boss@example.org", account.RoleAdmin) // id 1
	ben := h.person("ben@example.org", account.RoleCustomer)
	h.imports()
	h.is("1 boss@example.org,2 ben@example.org,3 ana@example.org", "select string_agg(id || ' ' || email, ',' order by id) from users")
	h.is("admin", "select role from users where id = $1", ben)
	h.is("2024-02-01 10:00:00+00", "select created_at from users where id = 3")
	h.is("1 First OPEN 3,2 Second CLOSED 3,3 Third IN_PROGRESS 3", "select string_agg(concat_ws(' ', id, subject, status, requester_id), ',' order by id) from tickets")
	h.is("1 2 two 2,2 2 three 3,3 2 no time 3,3 3 one 2", "select string_agg(concat_ws(' ', ticket_id, seq, body, author_id), ',' order by ticket_id, seq) from ticket_events where seq > 1")
	report := h.report()
	for line, want := range map[string]string{"ticket,aa": "3,1,", "ticket,Zb": "1,1,", "comment,c1": "3,3,", "comment,c2": "1,2,", "comment,c3": `,,not imported: its ticket "aaa" does not exist`,
		"comment,c4": `,,not imported: its ticket "" does not exist`, "comment,c5": `,,not imported: its user "" does not exist`, "comment,c6": "3,2,it had no time"} {
		if got := report[line]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	h.is("5 4", "select nextval(pg_get_serial_sequence('users', 'id')) || ' ' || nextval(pg_get_serial_sequence('tickets', 'id'))")
}

func TestAMissingTableOrColumnIsNamedWithTheMapping(t *testing.T) {
	t.Parallel()
	h := newRenamed(t, `{}`)
	h.refuses("there is no table User; name tables and columns with --mapping FILE")
	h.Mapping = importer.Mapping{"User": {Table: "people"}}
	h.refuses("the table people has no column password; name")
	h.fill("alter table messages drop text; alter table comments alter created_at type text")
	h.refuses("the table people has no column password; the table comments has no times in the column created_at; the table messages has no column message; name")
	h.is("0", "select count(*) from imports")
}

func TestAMappingWithUnknownNamesIsRefused(t *testing.T) {
	t.Parallel()
	for mapping, says := range map[string]string{
		`{"Users": {"table": "x"}}`:               `the mapping has the table "Users": the tables are User, Ticket, Comment and Message`,
		`{"User": {"columns": {"passwd": "x"}}}`:  `the mapping has the column "passwd" of User: the columns are id, username, email, password, role, createdAt`,
		`{"User": {"columns": {"password": 1}}}`:  "cannot be read",
		`{"User": {"tabel": "x"}}`:                "cannot be read",
		`{"User": {"columns": {"password": "x"}}`: "cannot be read",
	} {
		path := filepath.Join(t.TempDir(), "mapping.json")
		if err := os.WriteFile(path, []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := importer.ReadMapping(path)
		if err == nil {
			t.Fatalf("%s: got no error, want one", mapping)
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: the error is %q, want it with %q", mapping, err.Error(), says)
		}
	}
}

func TestASourceThatCannotBeReachedIsASentenceWithoutThePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, from := range []string{"postgres://ana:hidden@127.0.0.1:1/x", "mysql://ana:hidden@localhost/x", "postgres://ana:hid#den@localhost/x"} {
		h.From = from
		_, err := h.run(t.Context())
		if err == nil {
			t.Fatalf("%s: got no error, want one", from)
		}
		if strings.Contains(err.Error(), "hid") {
			t.Errorf(`%s: the error is %q, want it without "hid"`, from, err.Error())
		}
	}
}
