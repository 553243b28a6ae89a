package live

import (
	"testing"
	"time"
)

func TestTheMessageRateRefillsAfterAPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	b := bucket{tokens: burst, at: now}
	for range burst {
		if !b.takes(now) {
			t.Fatal("refused within the burst")
		}
	}
	for n := range 3 {
		if b.takes(now) || b.beyond != n+1 {
			t.Fatalf("beyond the rate %d were counted, want %d", b.beyond, n+1)
		}
	}
	now = now.Add(time.Second)
	for n := range perSecond {
		if !b.takes(now) {
			t.Fatalf("of %d messages a second one was refused after %d", perSecond, n)
		}
	}
	if b.beyond != 3 {
		t.Errorf("%d refused are remembered, want 3: it never rested", b.beyond)
	}
	now = now.Add(burst / perSecond * time.Second)
	if !b.takes(now) || b.beyond != 0 {
		t.Errorf("after a rest %d refused are remembered", b.beyond)
	}
}
