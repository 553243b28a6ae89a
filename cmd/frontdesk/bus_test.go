package main

import (
	"context"
	"testing"

	"frontdesk/internal/bus"
	"frontdesk/internal/live"
)

// sendingBus is a bus that delivers one message.
type sendingBus struct {
	live.Bus
	message string
}

func (b sendingBus) Listen(_ context.Context, _ func(), receive func(string)) { receive(b.message) }

func TestAMessageAboutALogIsAHintForTheOutbox(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]int{"t 7 2 1": 1, "i 7 3": 1, retryHint: 1, bus.Missed: 1, "u 1": 0, "s": 0, "p present": 0} {
		hints, received := 0, ""
		hintingBus{sendingBus{message: message}, func() { hints++ }}.Listen(t.Context(), func() {}, func(m string) { received = m })
		if hints != want {
			t.Errorf("%q gives %d hints, want %d", message, hints, want)
		}
		if received != message {
			t.Errorf("the receiver got %q, want %q", received, message)
		}
	}
}
