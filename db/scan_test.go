package db_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	if err != nil {
		t.Fatal(err)
	}
	// Each note has a variable of its own; for null it is nil.
	want := []scanned{{1, db.TicketPriorityHigh, new("a")}, {2, db.TicketPriorityLow, nil}, {3, db.TicketPriorityLow, new("c")}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("the rows (-want +got):\n%s", diff)
	}
}

func TestNoRowsAreAnEmptySlice(t *testing.T) {
	t.Parallel()
	all, err := read(t, "select 1 as requester_id where false")
	if err != nil {
		t.Fatal(err)
	}
	if all == nil {
		t.Error("the list is nil, want an empty one")
	}
	if len(all) != 0 {
		t.Errorf("got %d elements, want 0: %+v", len(all), all)
	}
}

func TestAColumnWithoutAFieldIsAnError(t *testing.T) {
	t.Parallel()
	_, err := read(t, "select 1 as subject")
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "no field for the column subject") {
		t.Errorf(`the error is %q, want it with "no field for the column subject"`, err.Error())
	}
}
