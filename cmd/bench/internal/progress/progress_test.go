package progress

import (
	"io"
	"testing"
	"time"
)

// halfWay returns the progress of three steps, of which the first took twice as
// long as planned.
func halfWay(begun time.Time) *Bar {
	return &Bar{to: io.Discard, steps: []Step{{"first", 10 * time.Second}, {"second", 10 * time.Second}, {"third", 20 * time.Second}},
		begun: begun, at: 1, since: begun.Add(20 * time.Second)}
}

func TestTheRemainingTimeIsEstimatedFromTheFinishedSteps(t *testing.T) {
	t.Parallel()
	begun := time.Unix(0, 0)
	share, left := halfWay(begun).share(begun.Add(30 * time.Second))
	if want := 50 * time.Second; left != want {
		t.Errorf("%v remaining, want %v", left, want)
	}
	if want := 30. / 80; share != want {
		t.Errorf("share %v done, want %v", share, want)
	}
}

func TestAStepThatTakesLongerThanPlannedDoesNotShortenTheRest(t *testing.T) {
	t.Parallel()
	begun := time.Unix(0, 0)
	if _, left := halfWay(begun).share(begun.Add(time.Hour)); left != 40*time.Second {
		t.Errorf("%v remaining, want 40s", left)
	}
}

func TestTheLineNamesTheStepAndTheTimes(t *testing.T) {
	t.Parallel()
	begun := time.Unix(0, 0)
	got, want := halfWay(begun).line(begun.Add(30*time.Second)), "[#######.............] 2 of 3, second; 30s, about 50s to go"
	if got != want {
		t.Errorf("the line is %q, want %q", got, want)
	}
}
