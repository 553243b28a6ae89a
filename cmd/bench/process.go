package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what processes have used so far.
type usage struct {
	CPU  time.Duration // user and system
	Peak int64         // bytes of resident memory at the highest, summed
	RSS  int64         // bytes resident now, summed
}

// clockTick is the unit of /proc's times; Linux has shown 100 a second to
// programs since 2.6 (proc(5), sysconf _SC_CLK_TCK).
const clockTick = time.Second / 100

// usageOf sums a process and its children of the first degree: PostgreSQL's
// backends are children of its postmaster.
func usageOf(pid int) (usage, error) {
	var sum usage
	if pid == 0 {
		return sum, nil
	}
	pids, err := withChildren(pid)
	for _, p := range pids {
		cpu, ok := cpuOf(p)
		if !ok {
			continue // it has ended since
		}
		sum.CPU += cpu
		sum.Peak += statusOf(p, "VmHWM:")
		sum.RSS += statusOf(p, "VmRSS:")
	}
	return sum, err
}

// residentOf is the resident memory of processes. What several of them share, as
// PostgreSQL's do their buffers, counts once.
func residentOf(pids []int) int64 {
	var private, shared int64
	for _, p := range pids {
		private += statusOf(p, "RssAnon:")
		shared = max(shared, statusOf(p, "RssFile:")+statusOf(p, "RssShmem:"))
	}
	return private + shared
}

// watchMemory looks at the memory of a server and of a database, with their
// children, until peaks is called, which returns the highest. 0 is none.
func watchMemory(server, database int) (peaks func() (server, database int64)) {
	var most [2]int64
	stop, done := make(chan struct{}), make(chan struct{})
	var pids [2][]int
	look := func(anew bool) {
		for i, pid := range []int{server, database} {
			if pid == 0 {
				continue
			}
			if anew { // it costs a millisecond
				pids[i], _ = withChildren(pid) // none, should it have died: the work tells that
			}
			if anew || i == 0 {
				most[i] = max(most[i], residentOf(pids[i]))
			}
		}
	}
	look(true)
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-stop:
				look(true)
				return
			case <-tick.C:
				look(n%10 == 0)
			}
		}
	}()
	return func() (int64, int64) {
		close(stop)
		<-done
		return most[0], most[1]
	}
}

func withChildren(pid int) ([]int, error) {
	pids := []int{pid}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if fields := statFields(child); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			pids = append(pids, child)
		}
	}
	return pids, err
}

// statFields returns /proc/PID/stat behind the command's name: state, ppid, …
func statFields(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
}

func cpuOf(pid int) (time.Duration, bool) {
	f := statFields(pid)
	if len(f) < 15 {
		return 0, false
	}
	// Own time and that of children that ended (a closed connection's backend).
	var ticks int64
	for _, i := range []int{11, 12, 13, 14} {
		n, _ := strconv.ParseInt(f[i], 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * clockTick, true
}

func statusOf(pid int, key string) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
