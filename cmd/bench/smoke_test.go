package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The program is started again by its own path for the limits, so TestMain does
// what main does then.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == limitArg {
		exit(serveLimit(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func TestASmallRunMeasuresAPageBesideItsLimitAndProfilesIt(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "profiles")
	o, err := parse([]string{"--tickets=2000", "--runs=1", "--seconds=0.1", "--conns=2", "--only=P2,P9", "--profile=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	r, err := measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]row{}
	for _, one := range r.Rows {
		rows[one.Work] = one
	}
	page := rows["P2 ticket, 20 entries"]
	if page.Rate <= 0 || page.Limit <= 0 || page.Share <= 0 || page.RSS <= 0 || page.DBRSS <= 0 || page.ShareMet == nil {
		t.Errorf("the page's row lacks something: %+v", page)
	}
	first, again := rows["P9 first visit to the list"].Figures["transferred_bytes"], rows["P9 another visit to the list"].Figures["transferred_bytes"]
	if again <= 0 || first <= again {
		t.Errorf("a first visit transfers %v bytes, and another one %v", first, again)
	}
	for _, kind := range []string{"cpu", "allocs"} {
		if info, err := os.Stat(filepath.Join(dir, "p2-ticket-20-entries."+kind+".pprof")); err != nil || info.Size() == 0 {
			t.Errorf("no %s profile: %v", kind, err)
		}
	}
}
