package dbtest

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"
)

// SkipLate skips a test that begins after TEST_UNTIL, a Unix time in seconds, so that a run with a
// time limit leaves out the rest of the tests on a slow machine. Tests that are chosen with -run
// are not skipped.
func SkipLate(t testing.TB) {
	t.Helper()
	if chosen := flag.Lookup("test.run"); chosen != nil && chosen.Value.String() != "" {
		return
	}
	until, err := strconv.ParseInt(os.Getenv("TEST_UNTIL"), 10, 64)
	if err == nil && time.Now().Unix() >= until {
		t.Skip("not run: the time of TEST_UNTIL is over")
	}
}
