package dbtest

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// SkipLate skips a test that begins after TEST_UNTIL, a Unix time in seconds. A run with a limit of
// time, on a machine that turns out to be slow, thus ends without the rest of the tests.
func SkipLate(t testing.TB) {
	t.Helper()
	until, err := strconv.ParseInt(os.Getenv("TEST_UNTIL"), 10, 64)
	if err == nil && time.Now().Unix() >= until {
		t.Skip("not run: the time of TEST_UNTIL is over")
	}
}
