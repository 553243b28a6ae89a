package desk

import (
	"context"
	"errors"
	"frontdesk/internal/fault"
	"testing"
)

func TestASlotIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := slots{each: 1, all: 2}
	end, err := s.take(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		_, err := s.take(t.Context(), 1)
		got <- err
	}()
	end()
	end() // gives back nothing more
	if err := <-got; err != nil {
		t.Errorf("after it was given back: %v", err)
	}
	if _, err := s.take(t.Context(), 2); err != nil {
		t.Errorf("another person: %v", err)
	}
	if _, err := s.take(t.Context(), 3); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("beside two of two: got %v, want %v", err, fault.ErrBusy)
	}
	var limited *fault.Limited
	if _, err := s.take(t.Context(), 1); !errors.As(err, &limited) {
		t.Errorf("beside one's own: got %v, want a refusal until later", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.take(gone, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that is gone: got %v, want %v", err, context.Canceled)
	}
}

func TestSearchesLeaveConnectionsToEverythingElse(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	search := func() error {
		_, err := k.desk.Tickets(t.Context(), k.priya, TicketFilter{Q: "lamp"})
		return err
	}
	var ends []func()
	for range k.desk.searches.each {
		end, err := k.desk.searches.begin(k.priya.ID)
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
