package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Limits of the garbage beside the live heap before it is collected. A busy desk has
// about 10 MiB of live data, and each page allocates about 100 KiB of garbage. With
// room for 24 MiB of garbage, collecting costs little. Thousands of open sockets have
// tens of MiB of live data; GOGC=100 would then double the memory and save little time.
const (
	gcRoom  = 24 << 20 // garbage in bytes
	gcMost  = 200      // highest GOGC, in percent of the live heap
	gcLeast = 30       // lowest GOGC
	// softLimit is the lowest memory limit, in bytes. The hash of a password takes 19 MiB.
	// When several are computed, the collector would let the heap grow to a multiple of
	// that. Near the limit it runs more often. The limit is raised to twice the live heap
	// and stacks if that is more.
	softLimit = 80 << 20
)

// An idle desk returns freed memory, such as that of thousands of handshakes, to the system. The Go
// runtime by itself keeps it for minutes.
const (
	restTime  = 2 * time.Second // length of an interval
	restMost  = 1 << 20         // the desk is idle if it allocates fewer bytes in an interval
	rushLeast = 8 << 20         // memory is returned only after that many allocated bytes
)

// tuneMemory adjusts GOGC and the memory limit, and returns memory when the desk is idle,
// until ctx ends. It does nothing if GOGC or GOMEMLIMIT is set.
func tuneMemory(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	tick := time.NewTicker(restTime / 8) // thousands of sockets open within a second or two
	defer tick.Stop()
	var made, freed uint64 // bytes allocated at the last check for idleness, and at the last return of memory
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

// gcPercent returns the GOGC for a live heap of that many bytes.
func gcPercent(live uint64) int {
	live += read("/gc/scan/stack:bytes") + 1
	return int(min(max(gcRoom*100/live, gcLeast), gcMost))
}

// read returns the value of one metric of the runtime, which must be a uint64.
func read(metric string) uint64 {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
