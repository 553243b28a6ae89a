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
			t.Fatalf("above the rate %d refusals were counted, want %d", b.Refused(), n+1)
		}
	}
	now = now.Add(time.Second)
	for n := range perSecond {
		if !b.Take(now) {
			t.Fatalf("at %d messages per second one was refused after %d", perSecond, n)
		}
	}
	if b.Refused() != 3 {
		t.Errorf("%d refusals are counted, want 3, because there was no pause", b.Refused())
	}
	now = now.Add(burst / perSecond * time.Second)
	if !b.Take(now) || b.Refused() != 0 {
		t.Errorf("after a pause %d refusals are counted", b.Refused())
	}
}
