package db_test

import (
	"log/slog"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// machine is the clock of a machine that is ahead of the real time.
func machine(ahead time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(ahead) }
}

func TestAClockShowsTheTimeOfTheDatabaseServer(t *testing.T) {
	t.Parallel()
	q := db.New(dbtest.New(t))
	for _, ahead := range []time.Duration{5 * time.Minute, -5 * time.Minute, 24 * time.Hour} {
		c := db.NewClock(machine(ahead), slog.New(slog.DiscardHandler))
		if err := c.Compare(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if off := time.Until(c.Now()).Abs(); off > 2*time.Second {
			t.Errorf("on a machine that is %v ahead, the clock is %v off", ahead, off)
		}
	}
}

func TestAClockIgnoresASmallDifference(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(500 * time.Millisecond)
	c := db.NewClock(func() time.Time { return at }, slog.New(slog.DiscardHandler))
	if err := c.Compare(t.Context(), db.New(dbtest.New(t))); err != nil {
		t.Fatal(err)
	}
	if !c.Now().Equal(at) {
		t.Errorf("the clock shows %v, want the %v of the machine", c.Now(), at)
	}
}

func TestAClockFollowsACorrectionOfTheMachine(t *testing.T) {
	t.Parallel()
	q, ahead := db.New(dbtest.New(t)), 5*time.Minute
	c := db.NewClock(func() time.Time { return time.Now().Add(ahead) }, slog.New(slog.DiscardHandler))
	for _, ahead = range []time.Duration{5 * time.Minute, 0} {
		if err := c.Compare(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if off := time.Until(c.Now()).Abs(); off > 2*time.Second {
			t.Errorf("on a machine that is %v ahead, the clock is %v off", ahead, off)
		}
	}
}
