package limit

import (
	"testing"
	"time"
)

func TestLapsedLeasesAreDropped(t *testing.T) {
	t.Parallel()
	s := Leases{limit: Limit{N: 100, Per: time.Hour}}
	now := time.Now()
	for person := range int64(100) {
		s.take(person, now)
		s.put(person, lease{left: 3, until: now.Add(time.Minute)}, now)
	}
	later := now.Add(2 * leaseSweep)
	s.take(100, later)
	s.put(100, lease{left: 3, until: later.Add(time.Hour)}, later)
	if len(s.of) != 1 {
		t.Errorf("%d leases are kept", len(s.of))
	}
}
