package limit

import (
	"context"
	"errors"
	"testing"

	"frontdesk/internal/fault"
)

func TestASlotIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := Slots{Each: 1, All: 2}
	end, err := s.Take(t.Context(), OfUser("test", 1))
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() {
		_, err := s.Take(t.Context(), OfUser("test", 1))
		got <- err
	}()
	end()
	end() // releases nothing more
	if err := <-got; err != nil {
		t.Errorf("after the release: %v", err)
	}
	if _, err := s.Take(t.Context(), OfUser("test", 2)); err != nil {
		t.Errorf("another user: %v", err)
	}
	if _, err := s.Take(t.Context(), OfUser("test", 3)); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("with two of two slots used: got %v, want %v", err, fault.ErrBusy)
	}
	var limited *fault.Limited
	if _, err := s.Take(t.Context(), OfUser("test", 1)); !errors.As(err, &limited) {
		t.Errorf("with the user's own slot used: got %v, want a refusal until later", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Take(gone, OfUser("test", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that has disconnected: got %v, want %v", err, context.Canceled)
	}
}
