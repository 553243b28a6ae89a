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
	// Hashes of passwords take 19 MiB each, and a garbage collector that has seen
	// some at work lets several times as much go by until its next look. From so
	// many bytes on, or twice what is live and in stacks, it looks more often.
	softLimit = 80 << 20
)

// A desk at rest gives back what its last rush left behind, such as the garbage
// of thousands of handshakes: Go by itself keeps it for minutes.
const (
	restTime  = 2 * time.Second
	restMost  = 1 << 20 // bytes made within that time: less is rest
	rushLeast = 8 << 20 // bytes made since memory was last given back: less is not worth it
)

// tuneMemory keeps to that until ctx ends, and leaves the choice to the
// environment where that makes one.
func tuneMemory(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	tick := time.NewTicker(restTime / 8) // thousands of sockets open within a second or two
	defer tick.Stop()
	var made, freed uint64 // bytes, when rest was last looked for and when memory was given back
	percent := gcMost
	debug.SetGCPercent(percent)
	for n := 0; ; n++ {
		live, stacks := read("/gc/heap/live:bytes"), read("/memory/classes/heap/stacks:bytes")
		debug.SetMemoryLimit(int64(max(softLimit, 2*(live+stacks))))
		if want := gcPercent(live); want < percent*9/10 || want > percent*11/10 {
			percent = want
			debug.SetGCPercent(percent)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n%8 > 0 {
			continue
		}
		now := read("/gc/heap/allocs:bytes")
		if now-made < restMost && now-freed > rushLeast {
			debug.FreeOSMemory()
			freed = now
		}
		made = now
	}
}

// gcPercent is for what is live on the heap, and the stacks that lead there.
func gcPercent(live uint64) int {
	live += read("/gc/scan/stack:bytes") + 1
	return int(min(max(gcRoom*100/live, gcLeast), gcMost))
}

// read reads one of the runtime's metrics that are numbers.
func read(metric string) uint64 {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
