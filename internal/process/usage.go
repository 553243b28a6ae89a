package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage has the resources that one or more processes have used so far.
type Usage struct {
	CPU  time.Duration // user and system
	Peak int64         // peak resident memory in bytes, summed
	RSS  int64         // resident memory in bytes now, summed
}

// clockTick is the unit of times in /proc: 100 per second on Linux since 2.6
// (proc(5), sysconf _SC_CLK_TCK).
const clockTick = time.Second / 100

// UsageOf sums the usage of a process and of its direct children, as
// PostgreSQL's backends are children of its postmaster. A pid of 0 gives zero.
func UsageOf(pid int) (Usage, error) {
	var sum Usage
	if pid == 0 {
		return sum, nil
	}
	pids, err := Tree(pid)
	for _, p := range pids {
		cpu, ok := cpuOf(p)
		if !ok {
			continue // it has ended
		}
		sum.CPU += cpu
		sum.Peak += StatusOf(p, "VmHWM:")
		sum.RSS += StatusOf(p, "VmRSS:")
	}
	return sum, err
}

// residentOf returns the resident memory of processes in bytes. Memory that they
// share, such as PostgreSQL's buffers, is counted once.
func residentOf(pids []int) int64 {
	var private, shared int64
	for _, p := range pids {
		private += StatusOf(p, "RssAnon:")
		shared = max(shared, StatusOf(p, "RssFile:")+StatusOf(p, "RssShmem:"))
	}
	return private + shared
}

// WatchMemory samples the memory of a server and of a database with their
// children until peaks is called, which returns the highest values in bytes. A
// pid of 0 is not sampled.
func WatchMemory(server, database int) (peaks func() (server, database int64)) {
	var most [2]int64
	stop, done := make(chan struct{}), make(chan struct{})
	var pids [2][]int
	look := func(anew bool) {
		for i, pid := range []int{server, database} {
			if pid == 0 {
				continue
			}
			if anew { // takes a millisecond, so not every time
				pids[i], _ = Tree(pid) // on an error it has none: if the process died, the work fails anyway
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

// Tree returns pid and the ids of its direct children.
func Tree(pid int) ([]int, error) {
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

// statFields returns the fields of /proc/PID/stat after the command's name:
// state, ppid, … It returns nil if the process has ended.
func statFields(pid int) []string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
}

// cpuOf returns the CPU time of a process, and false if it has ended.
func cpuOf(pid int) (time.Duration, bool) {
	f := statFields(pid)
	if len(f) < 15 {
		return 0, false
	}
	// utime, stime, cutime, cstime: the last two are of children that have ended,
	// such as the backend of a closed connection.
	var ticks int64
	for _, i := range []int{11, 12, 13, 14} {
		n, _ := strconv.ParseInt(f[i], 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * clockTick, true
}

// StatusOf returns a size in bytes from /proc/PID/status, such as that of "VmRSS:".
// It returns 0 if the process has ended.
func StatusOf(pid int, key string) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
