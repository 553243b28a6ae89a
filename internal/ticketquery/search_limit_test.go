package ticketquery

import (
	"errors"
	"testing"
	"time"

	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

func TestSearchesLeaveConnectionsToOtherQueries(t *testing.T) {
	t.Parallel()
	s := New(dbtest.New(t), time.Now)
	priya := account.Actor{ID: 1, Role: account.RoleAdmin}
	find := func() error {
		_, err := s.Page(t.Context(), priya, Filter{Q: "lamp"})
		return err
	}
	var ends []func()
	for range s.searches.Each {
		end, err := s.searches.Take(t.Context(), searchesOf(priya.ID))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	var limited *fault.Limited
	if err := find(); !errors.As(err, &limited) {
		t.Errorf("with all slots of a user in use: got %v, want a *fault.Limited", err)
	}
	if _, err := s.Page(t.Context(), priya, Filter{}); err != nil {
		t.Errorf("a list without a search: %v", err)
	}
	ends[0]()
	if err := find(); err != nil {
		t.Errorf("after a slot is released: %v", err)
	}
}
