package dbseed_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/db/dbseed"
	"frontdesk/db/dbtest"
	"frontdesk/internal/desk"
)

var (
	update = flag.Bool("update", false, "write the plans to testdata/plans as they are")
	seeded = flag.String("seeded", "", "URL of a desk seeded before (it is written to): its plans are printed, not compared")
)

const (
	// planTickets is the number of tickets with which plans are compared.
	planTickets = 100_000
	// planServer is the version of PostgreSQL that wrote the files. For other versions only the
	// bounds are checked, because their plans can differ.
	planServer = "15"
	// generic is the number of custom plans of a statement before PostgreSQL may use a generic
	// plan.
	generic = 5
)

// TestALargeDesk runs the most frequent actions on 100,000 tickets and compares each plan with
// its bounds and with a file of testdata/plans.
func TestALargeDesk(t *testing.T) {
	if testing.Short() {
		t.Skip("seeds 100,000 tickets")
	}
	url := *seeded
	if url == "" {
		url = dbtest.NewURL(t)
		if err := dbseed.Fill(t.Context(), url, dbseed.Options{Tickets: planTickets, Words: 6, End: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	e := newExplainer(t, url)
	h := hotDesk{desk.New(e.pool, desk.Options{}), e}
	t.Run("is searched to the last word", func(t *testing.T) { searches(t, h) })
	lengthen(t, e)
	e.run(t, "set default_statistics_target = 400") // statistics of all tickets, because samples differ
	e.run(t, "analyze tickets")
	compared := *seeded == "" && strings.HasPrefix(serverVersion(t, e), planServer)
	for _, w := range hot {
		t.Run(w.name, func(t *testing.T) {
			for n := range generic + 2 {
				e.forget()
				if err := w.do(t.Context(), h, n); err != nil {
					t.Fatal(err)
				}
			}
			check(t, w, e.statements(t), compared)
		})
	}
	unused(t)
}

// check fails the test if a plan reads too many rows or has another fault, and compares
// its shape with the stored one if compared is true.
func check(t *testing.T, w work, run []explained, compared bool) {
	t.Helper()
	var b strings.Builder
	for _, s := range run {
		shown := max(s.Plan.Rows, float64(w.shown))
		touched := s.Plan.touched()
		if touched > max(5*shown+20, float64(w.reads)) {
			t.Errorf("%s touches %.0f rows to show %.0f", s.Query, touched, shown)
		}
		for _, f := range s.Plan.faults() {
			t.Errorf("%s %s", s.Query, f)
		}
		t.Logf("%s: %.2f ms, %.0f rows of %.0f touched", s.Query, s.Took, s.Plan.Rows, touched)
		fmt.Fprintf(&b, "%s\n", s.Query)
		s.Plan.shape(&b, 1)
	}
	file := filepath.Join("testdata", "plans", strings.ReplaceAll(w.name, " ", "-")+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !compared {
		return
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != b.String() {
		t.Errorf("the plans differ from %s (%v). If the change is intended, run this test with -update. They are:\n%s", file, err, b.String())
	}
}

// unused fails the test if there is a file of a removed work.
func unused(t *testing.T) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("testdata", "plans", "*.txt"))
	if len(files) != len(hot) {
		t.Errorf("there are %d files of plans, and %d works", len(files), len(hot))
	}
}

// serverVersion returns the version of PostgreSQL.
func serverVersion(t *testing.T, e *explainer) (v string) {
	t.Helper()
	if err := e.pool.QueryRow(t.Context(), "show server_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// longTicket is the ID of the ticket with a log of 20,000 entries.
const longTicket = 1001

// lengthen extends the log of one ticket to 20,000 entries.
func lengthen(t *testing.T, e *explainer) {
	t.Helper()
	e.run(t, `insert into ticket_events (ticket_id, seq, kind, author_id, body, created_at)
		select t.id, t.last_seq + n, 'message', t.requester_id, 'line ' || n, t.updated_at
		from tickets t, generate_series(1, 20000 - t.last_seq) n where t.id = $1`, longTicket)
	e.run(t, "update tickets set last_seq = 20000 where id = $1", longTicket)
}
