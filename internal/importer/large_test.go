package importer_test

import (
	"testing"
	"time"
)

func TestThousandsOfTicketsAreImported(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds on an idle machine")
	}
	t.Parallel()
	h := newHouse(t)
	h.fillLarge(3000)
	begin := time.Now()
	result := h.imports()
	t.Logf("%.0f tickets a second", 3000/time.Since(begin).Seconds())
	if result.Noted != 0 {
		t.Errorf("got %d remarks, the first is %v, want none", result.Noted, result.Notes[0])
	}
	h.is("3000 3000 3000", "select (select count(*) from tickets) || ' ' || (select sum(n) from ticket_counts) || ' ' || (select count(*) from search_tickets)")
	h.is("27000", "select count(*) from ticket_events")
	h.is("375", "select count(*) from attachments")
	h.is("27875", "select count(*) from import_entries")
	h.everyFileIsThere()
}
