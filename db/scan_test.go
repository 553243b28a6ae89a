package db_test

import (
	"strings"
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// scanned has a field of each kind into which rows are scanned.
type scanned struct {
	RequesterID int64
	Priority    db.TicketPriority
	Note        *string
}

// read returns the rows of a statement.
func read(t *testing.T, sql string) ([]scanned, error) {
	t.Helper()
	rows, err := dbtest.New(t).Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return db.RowsByName[scanned](rows)
}

func TestColumnsAreScannedIntoFieldsByName(t *testing.T) {
	t.Parallel()
	all, err := read(t, `select note, priority::ticket_priority, id as requester_id
		from (values (1, 'High', 'a'), (2, 'Low', null), (3, 'Low', 'c')) v (id, priority, note) order by id`)
	if err != nil || len(all) != 3 {
		t.Fatalf("got %v, %v, want three rows", all, err)
	}
	for i, want := range []scanned{{RequesterID: 1, Priority: db.TicketPriorityHigh}, {RequesterID: 2, Priority: db.TicketPriorityLow}, {RequesterID: 3, Priority: db.TicketPriorityLow}} {
		got := all[i]
		if got.RequesterID != want.RequesterID {
			t.Errorf("row %d: got requester %d, want %d", i, got.RequesterID, want.RequesterID)
		}
		if got.Priority != want.Priority {
			t.Errorf("row %d: got priority %s, want %s", i, got.Priority, want.Priority)
		}
	}
	if first, last := all[0].Note, all[2].Note; first == nil || last == nil || *first != "a" || *last != "c" {
		t.Errorf("got notes %v and %v, want a and c in separate variables", first, last)
	}
	if all[1].Note != nil {
		t.Errorf("got note %q for null, want nil", *all[1].Note)
	}
}

func TestNoRowsAreAnEmptySlice(t *testing.T) {
	t.Parallel()
	if all, err := read(t, "select 1 as requester_id where false"); err != nil || all == nil || len(all) != 0 {
		t.Errorf("got %v, %v, want an empty list", all, err)
	}
}

func TestAColumnWithoutAFieldIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := read(t, "select 1 as subject"); err == nil || !strings.Contains(err.Error(), "no field for the column subject") {
		t.Errorf("got error %v, want one about the column", err)
	}
}
