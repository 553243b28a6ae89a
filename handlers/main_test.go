package handlers

import (
	"os"
	"runtime/debug"
	"testing"

	"frontdesk/db/dbtest"
)

// TestMain lets the heap grow to five times what is in use before a collection, because the
// collections took a tenth of the time of these tests.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(dbtest.Main(m))
}
