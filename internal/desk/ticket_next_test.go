package desk_test

import (
	"slices"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
)

func TestTheNextFreeTicketOfAListIsTheFirstOneThatIsNotBusy(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, tom := h.person("Ana", account.RoleCustomer), h.person("Tom", account.RoleAgent)
	for range 14 {
		if _, err := h.Tickets.Open(t.Context(), ana, desk.TicketInput{Subject: "A ticket", Description: "words", Category: "General", Priority: "Low"}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.Lists.Page(t.Context(), tom, ticketquery.Filter{Sort: ticketquery.SortOldest})
	if err != nil {
		t.Fatal(err)
	}
	first := list.Rows[0]
	here, ok, err := h.Lists.Place(t.Context(), tom, list.Filter, first.ID, list.Cursor(first))
	if err != nil || !ok {
		t.Fatalf("the place of the first ticket: %v %v", ok, err)
	}
	for name, c := range map[string]struct {
		busy, skipped []int64
		want          int64 // 0 for none
	}{
		"none is busy":           {nil, nil, 2},
		"two are busy":           {[]int64{2, 3, 5}, []int64{2, 3}, 4},
		"ten are busy":           {[]int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 12},
		"more than ten are busy": {[]int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, nil, 0},
	} {
		free, skipped, err := h.Lists.NextFree(t.Context(), tom, here, func(id int64) bool { return slices.Contains(c.busy, id) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if free.ID != c.want {
			t.Errorf("%s: the ID is %d, want %d", name, free.ID, c.want)
		}
		if !slices.Equal(skipped, c.skipped) {
			t.Errorf("%s: skipped is %v, want %v", name, skipped, c.skipped)
		}
	}
	last := list.Rows[13]
	here, _, err = h.Lists.Place(t.Context(), tom, list.Filter, last.ID, list.Cursor(last))
	if err != nil {
		t.Fatal(err)
	}
	if free, _, err := h.Lists.NextFree(t.Context(), tom, here, func(int64) bool { return false }); err != nil || free.ID != 0 {
		t.Errorf("after the last ticket: got %d, %v; want none", free.ID, err)
	}
}
