package live

import (
	"testing"
	"time"
)

func TestTheMessageRateRefillsAfterAPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	b := NewBucket(perSecond, burst)
	b.at = now
	for range burst {
		if !b.Take(now) {
			t.Fatal("refused within the burst")
		}
	}
	for n := range 3 {
		if b.Take(now) || b.Refused() != n+1 {
			t.Fatalf("beyond the rate %d were counted, want %d", b.Refused(), n+1)
		}
	}
	now = now.Add(time.Second)
	for n := range perSecond {
		if !b.Take(now) {
			t.Fatalf("of %d messages a second one was refused after %d", perSecond, n)
		}
	}
	if b.Refused() != 3 {
		t.Errorf("%d refused are remembered, want 3: it never rested", b.Refused())
	}
	now = now.Add(burst / perSecond * time.Second)
	if !b.Take(now) || b.Refused() != 0 {
		t.Errorf("after a rest %d refused are remembered", b.Refused())
	}
}
