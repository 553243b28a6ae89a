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
	for column, value := range map[string]float64{"rate": page.Rate, "limit": page.Limit, "share": page.Share, "RSS": float64(page.RSS), "RSS of the database": float64(page.DBRSS)} {
		if value <= 0 {
			t.Errorf("the %s of the page is %v, want more than 0", column, value)
		}
	}
	if page.ShareMet == nil {
		t.Error("the row of the page does not show whether its share is met")
	}
	first := rows["page weight, first visit to the list"].Figures["transferred_bytes"]
	again := rows["page weight, another visit to the list"].Figures["transferred_bytes"]
	if again <= 0 {
		t.Errorf("got %v, want more than 0", again)
	}
	if first <= again {
		t.Errorf("first is %v, want more than %v", first, again)
	}
	for _, kind := range []string{"cpu", "allocs"} {
		if info, err := os.Stat(filepath.Join(dir, "one-ticket-20-entries."+kind+".pprof")); err != nil || info.Size() == 0 {
			t.Errorf("no %s profile: %v", kind, err)
		}
	}
}
