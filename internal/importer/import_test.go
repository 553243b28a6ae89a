package importer_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"frontdesk/internal/account"
	"frontdesk/internal/importer"
)

// small is a source with one row for each special case.
const small = `
insert into "User" (id, username, email, password, role) values
	(3, 'Ana', 'Ana@Example.org', '$2b$10$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', 'CUSTOMER'),
	(5, '  ', 'ben@example.org', 'plain', 'CUSTOMER'),
	(7, repeat('x', 120), 'not an address', '$2b$15$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', 'CUSTOMER'),
	(8, 'Ana 2', 'ana@example.org', '$2y$04$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', 'CUSTOMER'),
	(9, 'Staff', 'staff@example.org', '$2a$10$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui', 'ADMIN');
insert into "Ticket" (id, subject, description, category, priority, status, attachment, "userId", "createdAt", "updatedAt") values
	(10, 'Printer', 'It' || chr(13) || chr(10) || 'burns' || chr(7), 'Billing', 'High', 'OPEN', '/uploads/1700000000000_fire.txt', 3, '2025-03-01 10:00:00.125', '2025-03-09 08:00'),
	(11, repeat('s', 250), repeat('d ', 15000), ' billing ', 'urgent', 'IN_PROGRESS', '/uploads/missing.png', 3, '2025-03-02', '2025-03-02'),
	(12, ' ', '', 'Space travel', 'Someday', 'RESOLVED', 'https://old.example.org/uploads/1700000000000_empty.txt', 5, '2025-03-03', '2025-03-04 12:30'),
	(20, 'Quiet', 'Nothing', 'General', 'Low', 'CLOSED', '/uploads/../secret.txt', 9, '2025-03-05', '2025-03-05');
insert into "Comment" (id, text, "ticketId", "userId", "createdAt") values
	(1, 'second', 10, 9, '2025-03-01 12:00'),
	(2, 'first', 10, 3, '2025-03-01 11:00'),
	(3, repeat('long ', 5000), 10, 3, '2025-03-01 14:00'),
	(4, chr(8203), 12, 9, '2025-03-03 09:00');
insert into "ChatMessage" (id, message, "ticketId", "senderId", "createdAt") values
	(1, 'at the same time', 10, 3, '2025-03-01 12:00'),
	(2, repeat('m', 4500), 10, 3, '2025-03-01 13:00');
`

// newSmall returns a house with the small source and its files.
func newSmall(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.fill(small)
	h.upload("1700000000000_fire.txt", "a fire")
	h.upload("1700000000000_empty.txt", "")
	return h
}

func TestEverySpecialCaseIsConverted(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	h.imports()
	for sql, want := range map[string]string{
		// Users
		"select email || ' ' || role || ' ' || username from users where id = 3": "Ana@example.org customer Ana",
		"select username || ' ' || password_hash from users where id = 5":        "ben ",
		"select email from users where id = 7":                                   "user-7@import.invalid",
		"select char_length(username) from users where id = 7":                   "100",
		"select email_twin from users where id = 8":                              "true",
		"select role from users where id = 9":                                    "admin",
		"select count(*) from search_names":                                      "5",
		// Tickets
		"select description from tickets where id = 10":                                                         "It\nburns",
		"select created_at || ' ' || updated_at from tickets where id = 10":                                     "2025-03-01 10:00:00.125+00 2025-03-09 08:00:00+00",
		"select waiting_since from tickets where id = 10":                                                       "2025-03-01 12:00:00+00",
		"select waiting_since from tickets where id = 11":                                                       "2025-03-02 00:00:00+00",
		"select waiting_since from tickets where id = 12":                                                       "null",
		"select last_seq || ' ' || comment_count || ' ' || file_count from tickets where id = 10":               "9 4 1",
		"select char_length(subject) || left(description, 251) from tickets where id = 11":                      "200" + strings.Repeat("s", 250) + "\n",
		"select char_length(description) > 19000 from tickets where id = 11":                                    "true",
		"select priority from tickets where id = 11":                                                            "Urgent",
		"select subject || description || priority from tickets where id = 12":                                  "(no subject)(no description)Low",
		"select string_agg(c.name, ',' order by t.id) from tickets t join categories c on c.id = t.category_id": "Billing,Billing,Space travel,General",
		// Logs
		"select string_agg(seq || kind::text || author_id || side::text, ' ' order by seq) from ticket_events where ticket_id = 10": "1opened3requester 2comment3requester 3comment9staff 4message3requester " +
			"5message3requester 6message3requester 7message3requester 8comment3requester 9comment3requester",
		"select string_agg(char_length(body)::text, ' ' order by seq) from ticket_events where ticket_id = 10":                   "0 5 6 16 2000 2000 500 19999 4999",
		"select string_agg(kind || ' ' || created_at, ',' order by seq) from ticket_events where ticket_id = 11":                 "opened 2025-03-02 00:00:00+00,comment 2025-03-02 00:00:00+00",
		"select body from ticket_events where ticket_id = 12 and seq = 2":                                                        "(no text)",
		"select string_agg(user_id || '/' || seq || '/' || unread, ' ' order by user_id) from ticket_reads where ticket_id = 10": "3/9/0 9/9/0",
		// Files
		"select filename || ' ' || content_type || ' ' || charset || ' ' || size || ' ' || seq || ' ' || user_id from attachments": "fire.txt text/plain utf-8 6 1 3",
		// What the triggers keep
		"select count(*) from search_tickets":                          "4",
		"select count(*) from search_comments":                         "6",
		"select sum(n) from ticket_counts":                             "4",
		"select sum(opened) || ' ' || sum(resolved) from ticket_hours": "4 2",
		"select count(*) from outbox_queue":                            "0",
		"select count(*) from import_batches":                          "1",
	} {
		h.is(want, sql)
	}
}

func TestTheReportSaysWhatBecameOfEachRow(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	result := h.imports()
	report := h.report()
	for line, want := range map[string]string{
		"user,3": "3,,", "user,5": "frontdesk user password ben@example.org", "user,7": `the address "not an address" cannot be used`, "user,8": "another account has this address",
		"ticket,10": "10,1,", "ticket,11": "the subject was too long", "ticket,12": `the priority "Someday" is not known: it is Low`,
		"category,Space travel": "added",
		"comment,1":             "10,3,", "comment,2": "10,2,", "comment,3": "it is in the entries 8 to 9", "comment,4": "the text was empty",
		"message,1": "10,4,", "message,2": "it is in the entries 5 to 7",
		"attachment,/uploads/1700000000000_fire.txt": "10,1,", "attachment,/uploads/missing.png": ",,not imported, of ticket 11: there is no such file",
		"attachment,https://old.example.org/uploads/1700000000000_empty.txt": ",,not imported, of ticket 12: the file is empty",
		"attachment,/uploads/../secret.txt":                                  ",,not imported, of ticket 20:",
	} {
		if got := report[line]; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", line, got, want)
		}
	}
	if got, want := len(report), 5+1+4+4+2+4; got != want {
		t.Errorf("the report has %d lines, want %d", got, want)
	}
	at := slices.IndexFunc(result.Summaries, func(s importer.Summary) bool { return s.Kind == "attachment" })
	if at < 0 {
		t.Fatal("got no summary of attachments, want one")
	}
	if s := result.Summaries[at]; s.Imported != 1 || s.Refused != 3 {
		t.Errorf("got %d imported and %d refused attachments, want 1 and 3", s.Imported, s.Refused)
	}
}

func TestAFinishedImportChangesNothingWhenItRunsAgain(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	first := h.imports()
	h.fill(`insert into "Comment" (id, text, "ticketId", "userId") values (99, 'late', 10, 3)`)
	state := `select md5(string_agg(x::text, '' order by x::text)) from (select * from ticket_events) x`
	before, report := h.text(state), h.report()
	second := h.imports()
	if first.Before {
		t.Error("the first import is reported as one of before")
	}
	if !second.Before {
		t.Error("the second import is not reported as one of before")
	}
	if !second.FinishedAt.Equal(first.FinishedAt) {
		t.Errorf("the second import finished at %v, want the time of the first, %v", second.FinishedAt, first.FinishedAt)
	}
	h.is(before, state)
	if got := h.report(); len(got) != len(report) {
		t.Errorf("the second report has %d lines, want %d", len(got), len(report))
	}
}

func TestADryRunReportsTheSameAndWritesNothing(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	h.DryRun = true
	dry := h.imports()
	for _, table := range []string{"users", "tickets", "ticket_events", "attachments", "imports", "import_entries", "import_batches"} {
		h.is("0", "select count(*) from "+table)
	}
	h.is("3", "select count(*) from categories")
	h.is("1", "select nextval(pg_get_serial_sequence('users', 'id'))")
	if n := h.blobCount(); n != 0 {
		t.Errorf("a dry run stored %d files, want 0", n)
	}
	dryReport := h.report()
	h.DryRun = false
	real := h.imports()
	if len(dry.Summaries) != len(real.Summaries) {
		t.Fatalf("got %v, want %v", dry.Summaries, real.Summaries)
	}
	for i := range real.Summaries {
		if dry.Summaries[i] != real.Summaries[i] {
			t.Errorf("got %+v, want %+v", dry.Summaries[i], real.Summaries[i])
		}
	}
	for line, want := range h.report() {
		if got := dryReport[line]; got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestAnImportNeedsADeskWithoutTickets(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	id := h.person("own@example.org", account.RoleCustomer)
	h.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash) values ($1, 'Own', 'Own', 1, 'Low', 'own', '')`, id)
	h.refuses(importer.ErrNotEmpty.Error())
	h.DryRun = true
	h.refuses(importer.ErrNotEmpty.Error())
	h.is("1", "select count(*) from users")
}

func TestAnImportedUserSignsInWithTheOldPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("old password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	h.fill(`insert into "User" (id, username, email, password) values (4, 'Ana', 'ana@example.org', '` + string(hash) + `')`)
	h.imports()
	who, err := h.Accounts.SignIn(t.Context(), account.SignInInput{Email: "Ana@example.org", Password: "old password"}, somewhere)
	if err != nil || who.ID != 4 {
		t.Fatalf("got user %d and %v, want 4 and none", who.ID, err)
	}
	h.is("true", "select password_hash like '$argon2id$%' from users")
}

func TestCellsOfTheReportAreNoFormulas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fill(`insert into "User" (id, username, email, password) values (1, 'Ana', 'ana@example.org', '')`)
	h.fill(`insert into "Ticket" (subject, description, category, priority, attachment, "userId", "updatedAt") values ('a', 'b', '=HYPERLINK("x")', 'Low', '@SUM(A1)', 1, now())`)
	h.imports()
	report := h.report()
	for _, line := range []string{`category,'=HYPERLINK("x")`, "attachment,'@SUM(A1)"} {
		if _, ok := report[line]; !ok {
			t.Errorf("the report has no %s: %v", line, report)
		}
	}
}
