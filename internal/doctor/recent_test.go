package doctor_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/doctor"
)

// counted returns recent findings whose text is the number of the run, and a function that
// advances their clock.
func counted() (r *doctor.Recent, advance func(time.Duration)) {
	var runs, skew atomic.Int64
	begun := time.Now()
	run := func(context.Context) []doctor.Finding {
		return []doctor.Finding{{Text: strconv.FormatInt(runs.Add(1), 10)}}
	}
	return doctor.NewRecent(run, func() time.Time { return begun.Add(time.Duration(skew.Load())) }), func(d time.Duration) { skew.Add(int64(d)) }
}

func TestFindingsAreKeptForHalfAMinute(t *testing.T) {
	t.Parallel()
	r, advance := counted()
	for _, c := range []struct {
		after time.Duration
		again bool
		want  string
	}{{0, false, "1"}, {30 * time.Second, false, "1"}, {time.Second, false, "2"}, {time.Second, true, "3"}, {time.Second, false, "3"}} {
		advance(c.after)
		if found, _ := r.Findings(t.Context(), c.again); found[0].Text != c.want {
			t.Errorf("%v later, again %t: got the run %s, want %s", c.after, c.again, found[0].Text, c.want)
		}
	}
}

func TestConcurrentCallersShareOneRun(t *testing.T) {
	t.Parallel()
	r, _ := counted()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if found, _ := r.Findings(t.Context(), false); found[0].Text != "1" {
				t.Errorf("got the run %s, want the first", found[0].Text)
			}
		})
	}
	all.Wait()
}
