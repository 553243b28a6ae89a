package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clusterVersion returns the major version of the cluster, or "" if there is no cluster.
func clusterVersion(data string) string {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// stopLeftover stops a postmaster that is still running although the program that started
// it has ended. The caller has the lock of the folder, so no other program uses it. A pid
// file whose process has ended, or is another program now, is removed.
func stopLeftover(ctx context.Context, data string, log *slog.Logger) error {
	file := filepath.Join(data, "postmaster.pid")
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !isPostmaster(pid, data) {
		return os.Remove(file)
	}
	log.Warn("stopping leftover database", "pid", pid)
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 15 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}} {
		_ = syscall.Kill(pid, step.signal)
		for end := time.Now().Add(step.wait); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
			if !isPostmaster(pid, data) {
				return nil
			}
		}
	}
	return fmt.Errorf("a database of an earlier run (process %d) does not stop: end it and start again", pid)
}

// isPostmaster reports whether the process pid exists and its working directory is the
// data folder, as that of a postmaster is. Without /proc only the first is checked.
func isPostmaster(pid int, data string) bool {
	if pid <= 0 || syscall.Kill(pid, 0) != nil {
		return false
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		return true
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(data)
	return err == nil && (cwd == real || cwd == data)
}
