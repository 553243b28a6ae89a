package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may stand beside what is live before it is collected. A desk
// at work has some 10 MiB that are live, and each page makes some 100 KiB that
// are garbage at once: with room for 20 MiB, collecting costs little. Thousands
// of open sockets are live by the ten MiB; beside them as much garbage again
// would double the memory, and save little.
const (
	gcRoom  = 24 << 20 // bytes
	gcMost  = 200      // percent of what is live
	gcLeast = 30
)

// tuneMemory keeps to that until ctx ends, and leaves the choice to the
// environment where that makes one.
func tuneMemory(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(gcMost)
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for percent := gcMost; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if want := gcPercent(); want < percent*9/10 || want > percent*11/10 {
			percent = want
			debug.SetGCPercent(percent)
		}
	}
}

// gcPercent is for what is live now, stacks included.
func gcPercent() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(live)
	bytes := live[0].Value.Uint64() + live[1].Value.Uint64() + 1
	return int(min(max(gcRoom*100/bytes, gcLeast), gcMost))
}
