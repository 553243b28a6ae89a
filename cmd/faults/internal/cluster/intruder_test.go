package cluster

import "testing"

func TestOnlyAnAnswerAboutTheTicketRefusesAnIntruder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		statuses []int
		want     int
	}{
		{nil, -1},
		{[]int{401, 429, 500, 503}, -1},
		{[]int{404, 401, 503}, 0},
		{[]int{403, 401}, 0},
		{[]int{101, 200, 201, 303, 400, 409, 403}, 6},
	} {
		var i intruder
		for _, status := range c.statuses {
			i.judge(status)
		}
		if got := i.successes(); got != c.want {
			t.Errorf("after %v: got %d, want %d", c.statuses, got, c.want)
		}
	}
}
