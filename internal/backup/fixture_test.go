package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/backup"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
)

// fixture is a desk with a database and a folder of files for one test.
type fixture struct {
	*desk.Desk
	t     testing.TB
	pool  *pgxpool.Pool
	dir   string
	files *blob.Folder
}

// taken is the time of the archives of tests.
var taken = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// newFixture returns an empty desk.
func newFixture(t testing.TB) fixture {
	t.Helper()
	h := fixture{t: t, pool: dbtest.New(t), dir: t.TempDir()}
	var err error
	if h.files, err = blob.OpenFolder(h.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.files.Close() })
	h.Desk = desk.New(h.pool, desk.Options{Blobs: h.files, Cost: account.Cost{Memory: 64, Time: 1}})
	return h
}

// newUsed returns a desk with a ticket that has a comment and a file.
func newUsed(t testing.TB) (h fixture, ticket desk.Ticket) {
	t.Helper()
	h = newFixture(t)
	ana := h.person("ana", account.RoleCustomer)
	if _, err := h.Files.Stage(t.Context(), ana, "form", "note.txt", strings.NewReader("the bytes of a file")); err != nil {
		t.Fatal(err)
	}
	ticket, err := h.Tickets.Open(t.Context(), ana, desk.TicketInput{Subject: "A \\ backslash", Description: "Ж日\nsecond line\twith a tab", Category: "Billing", Priority: "High", SubmissionID: "form"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Comments.Add(t.Context(), ana, ticket.ID, desk.CommentInput{Text: "First \\N comment"}); err != nil {
		t.Fatal(err)
	}
	return h, ticket
}

// person creates an account without a usable password.
func (h fixture) person(name string, role account.Role) account.Actor {
	h.t.Helper()
	id, err := db.New(h.pool).CreateUser(h.t.Context(), db.CreateUserParams{Username: name, Email: name + "@example.org", PasswordHash: "-", Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	return account.Actor{ID: id, Username: name, Email: name + "@example.org", Role: role}
}

// exec runs a statement, in a transaction without triggers.
func (h fixture) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// options returns the options of an archive of the desk.
func (h fixture) options() backup.Options {
	return backup.Options{Files: h.files, Secrets: map[string][]byte{"jwt-secret": []byte("a secret")}, Version: "test", Now: taken}
}

// archive returns an archive of the desk.
func (h fixture) archive() []byte {
	h.t.Helper()
	var b bytes.Buffer
	if _, err := backup.Write(h.t.Context(), h.pool, &b, h.options()); err != nil {
		h.t.Fatal(err)
	}
	return b.Bytes()
}

// restore restores an archive to the desk.
func (h fixture) restore(archive []byte, o backup.RestoreOptions) (backup.Summary, error) {
	o.Files = h.files.NewRestorer()
	if o.Secret == nil {
		o.Secret = func(string, []byte) error { return nil }
	}
	return backup.Restore(h.t.Context(), h.pool, bytes.NewReader(archive), o)
}

// isEmpty fails the test if the desk has accounts, tickets or secrets.
func (h fixture) isEmpty() {
	h.t.Helper()
	var n int
	if err := h.pool.QueryRow(h.t.Context(), "select (select count(*) from users) + (select count(*) from tickets) + (select count(*) from attachments)").Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	if n != 0 {
		h.t.Errorf("the desk has %d accounts, tickets and attachments, want none", n)
	}
}

// verified fails the test if the desk has problems.
func (h fixture) verified() backup.Report {
	h.t.Helper()
	report, err := backup.Verify(h.t.Context(), h.pool, h.files, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range report.Problems {
		h.t.Errorf("%s: %s", p.Check, p.What)
	}
	return report
}

// contents returns the checksum of each table and of all files.
func (h fixture) contents() map[string]string {
	h.t.Helper()
	s, err := db.OpenSnapshot(h.t.Context(), h.pool)
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Tables(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	all := map[string]string{}
	for _, table := range tables {
		sum := sha256.New()
		rows, err := s.Copy(h.t.Context(), table, sum)
		if err != nil {
			h.t.Fatal(err)
		}
		all[table.Name] = fmt.Sprintf("%d rows %x", rows, sum.Sum(nil))
	}
	err = h.files.Walk(func(name string, _ time.Time, _ bool) error {
		f, err := h.files.Open(name)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(f)
		all[name] = string(body)
		return errors.Join(err, f.Close())
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// unmigrated returns a pool of connections to an empty database.
func unmigrated(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), dbtest.NewOwn(t, nil).URL("postgres"), 6)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// stopped is a context that has ended.
func stopped() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	return ctx
}
