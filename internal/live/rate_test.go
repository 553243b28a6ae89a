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
		if b.Take(now) {
			t.Fatal("b.Take(now) is true, want false")
		}
		if got := b.Refused(); got != n+1 {
			t.Fatalf("the refused is %d, want %d", got, n+1)
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
	if !b.Take(now) {
		t.Error("b.Take(now) is false, want true")
	}
	if got := b.Refused(); got != 0 {
		t.Errorf("the refused is %d, want 0", got)
	}
}
