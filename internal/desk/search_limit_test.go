package desk

import (
	"errors"
	"testing"

	"frontdesk/internal/fault"
)

func TestSearchesLeaveConnectionsToEverythingElse(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	search := func() error {
		_, err := k.desk.Tickets(t.Context(), k.priya, TicketFilter{Q: "lamp"})
		return err
	}
	var ends []func()
	for range k.desk.searches.Each {
		end, err := k.desk.searches.Take(t.Context(), k.priya.ID)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	var limited *fault.Limited
	if err := search(); !errors.As(err, &limited) {
		t.Errorf("beside as many searches as one may have: got %v, want a refusal until later", err)
	}
	if _, err := k.desk.Tickets(t.Context(), k.priya, TicketFilter{}); err != nil {
		t.Errorf("a list without a search: %v", err)
	}
	ends[0]()
	if err := search(); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
}
