package works

import (
	"testing"

	"frontdesk/cmd/bench/internal/report"
)

func TestTheMedianRunHasTheHighestMemoryOfAllRuns(t *testing.T) {
	t.Parallel()
	got := median([]report.Row{{Rate: 30, P99: 1, RSS: 5}, {Rate: 10, P99: 2, DBRSS: 9}, {Rate: 20, P99: 3, RSS: 4}})
	if got.Rate != 20 {
		t.Errorf("the rate is %v, want 20", got.Rate)
	}
	if got.P99 != 3 {
		t.Errorf("the P99 is %d, want 3", got.P99)
	}
	if got.RSS != 5 {
		t.Errorf("the RSS is %d, want 5", got.RSS)
	}
	if got.DBRSS != 9 {
		t.Errorf("the DBRSS is %d, want 9", got.DBRSS)
	}
}
