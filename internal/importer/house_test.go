package importer_test

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/importer"
	"frontdesk/internal/testdir"
)

//go:embed testdata/source.sql
var schema string

//go:embed testdata/large.sql
var large string

// house has a desk and a database of the first system, for one test.
type house struct {
	*desk.Desk
	t      testing.TB
	pool   *pgxpool.Pool
	source *pgx.Conn
	files  string // the folder of the desk's blobs
	blobs  *blob.Folder
	importer.Options
}

// newHouse returns an empty desk and a source with the tables of the first system.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := emptySource(t)
	h.fill(schema)
	return h
}

// emptySource returns an empty desk and a source without tables.
func emptySource(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, pool: dbtest.New(t), files: testdir.New(t)}
	base, err := url.Parse(dbtest.NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	if h.source, err = pgx.Connect(t.Context(), base.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.source.Close(context.Background()) })
	h.fill("create schema old; set search_path to old")
	q := base.Query()
	q.Set("schema", "old")
	base.RawQuery = q.Encode()
	if h.blobs, err = blob.OpenFolder(h.files); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.blobs.Close() })
	h.Options = importer.Options{From: base.String(), Uploads: []string{testdir.New(t)}, Report: filepath.Join(t.TempDir(), "report.csv")}
	h.Desk = desk.New(h.pool, desk.Options{Blobs: h.blobs})
	return h
}

// fill runs statements on the source.
func (h *house) fill(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.source.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// exec runs a statement on the desk.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// text reads one value of the desk as text.
func (h *house) text(sql string, args ...any) (text string) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), "select coalesce(("+sql+")::text, 'null')", args...).Scan(&text); err != nil {
		h.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
	return text
}

// is compares a value of the desk, as text, with the wanted one.
func (h *house) is(want, sql string, args ...any) {
	h.t.Helper()
	if got := h.text(sql, args...); got != want {
		h.t.Errorf("%s: got %q, want %q", sql, got, want)
	}
}

// upload writes a file into a folder of the first system.
func (h *house) upload(name, content string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.Uploads[0], name), []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// run imports.
func (h *house) run(ctx context.Context) (importer.Result, error) {
	return importer.Run(ctx, h.pool, h.blobs, h.Options)
}

// imports runs the import to its end.
func (h *house) imports() importer.Result {
	h.t.Helper()
	r, err := h.run(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// refuses runs the import and compares its error.
func (h *house) refuses(says string) {
	h.t.Helper()
	_, err := h.run(h.t.Context())
	if err == nil {
		h.t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), says) {
		h.t.Errorf("the error is %q, want it with %q", err.Error(), says)
	}
}

// report returns the lines of the report without the header, as "kind,old id" → the rest.
func (h *house) report() map[string]string {
	h.t.Helper()
	f, err := os.Open(h.Report)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		h.t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range rows[1:] {
		all[r[0]+","+r[1]] = strings.Join(r[2:], ",")
	}
	return all
}

// person adds an account to the desk.
func (h *house) person(email string, role account.Role) int64 {
	h.t.Helper()
	id, err := db.New(h.pool).CreateUser(h.t.Context(), db.CreateUserParams{Username: "Desk", Email: email, PasswordHash: "kept", Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// fillLarge adds tickets, and the files that they name.
func (h *house) fillLarge(n int) {
	h.t.Helper()
	h.fill(strings.ReplaceAll(large, ":tickets", fmt.Sprint(n)))
	for i := 8; i <= n; i += 8 {
		h.upload(fmt.Sprintf("1700000000000_%d.txt", i), strings.Repeat(fmt.Sprintf("line of %d\n", i), 300))
	}
}

// somewhere is a network address.
var somewhere = netip.MustParseAddr("192.0.2.7")

// blobCount returns the number of stored files.
func (h *house) blobCount() (n int) {
	h.t.Helper()
	if err := h.blobs.Walk(func(string, time.Time, bool) error { n++; return nil }); err != nil {
		h.t.Fatal(err)
	}
	return n
}
