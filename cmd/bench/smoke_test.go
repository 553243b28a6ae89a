package main

import (
	"os"
	"path/filepath"
	"testing"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/report"
)

// TestMain serves a limit if the test binary was started for it, as main does.
func TestMain(m *testing.M) {
	if served, err := limit.Serve(os.Args[1:]); served {
		exit(err)
	}
	os.Exit(m.Run())
}

func TestASmallRunMeasuresAPageAndItsLimitAndWritesAProfile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "profiles")
	o, err := parse([]string{"--tickets=2000", "--runs=1", "--seconds=0.1", "--conns=2", "--only=one ticket,P9", "--profile=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	r, err := measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]report.Row{}
	for _, one := range r.Rows {
		rows[one.Work] = one
	}
	page := rows["one ticket, 20 entries"]
	if page.Rate <= 0 || page.Limit <= 0 || page.Share <= 0 || page.RSS <= 0 || page.DBRSS <= 0 || page.ShareMet == nil {
		t.Errorf("the row of the page has no value in a column: %+v", page)
	}
	first := rows["page weight, first visit to the list"].Figures["transferred_bytes"]
	again := rows["page weight, another visit to the list"].Figures["transferred_bytes"]
	if again <= 0 || first <= again {
		t.Errorf("the first visit transfers %v bytes, and the next one %v; want more for the first", first, again)
	}
	for _, kind := range []string{"cpu", "allocs"} {
		if info, err := os.Stat(filepath.Join(dir, "one-ticket-20-entries."+kind+".pprof")); err != nil || info.Size() == 0 {
			t.Errorf("no %s profile: %v", kind, err)
		}
	}
}
