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
