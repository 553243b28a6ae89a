package works

import (
	"testing"

	"frontdesk/cmd/bench/internal/report"
)

func TestTheMedianRunHasTheHighestMemoryOfAllRuns(t *testing.T) {
	t.Parallel()
	got := median([]report.Row{{Rate: 30, P99: 1, RSS: 5}, {Rate: 10, P99: 2, DBRSS: 9}, {Rate: 20, P99: 3, RSS: 4}})
	if got.Rate != 20 || got.P99 != 3 {
		t.Errorf("rate %v and p99 %v, want those of the run with the median rate, 20 and 3", got.Rate, got.P99)
	}
	if got.RSS != 5 || got.DBRSS != 9 {
		t.Errorf("memory %d and %d, want the highest of all runs, 5 and 9", got.RSS, got.DBRSS)
	}
}
