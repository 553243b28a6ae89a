package main

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow to three times what is live before it is
// collected. What is live is some 10 MiB; each page makes some 100 KiB that is
// garbage at once, and collecting it half as often saves some 5 % of the
// work of a page for 20 MiB.
const gcPercent = 200

// tuneMemory leaves the choice to the environment where that makes one.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
