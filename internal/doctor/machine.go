package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/input"
)

// Limits of the checks of the machine.
const (
	diskNotice, diskWarning, diskProblem = 60, 75, 90 // percent in use
	fewOpenFiles                         = 4096
	answerTime                           = 2 * time.Second
)

// folders returns the folders of the desk without duplicates.
func (e *examination) folders() []string {
	if e.Uploads == "" {
		return []string{e.DataDir}
	}
	return slices.Compact([]string{e.DataDir, e.Uploads})
}

// disks checks the free space of each folder, once for each disk.
func (e *examination) disks() {
	var lastUsed, lastFree uint64
	for _, dir := range e.folders() {
		inUse, free, err := blob.Space(dir)
		switch {
		case err != nil:
			e.add("disk", Problem, "the free space of %s cannot be read: %v", dir, err)
			continue
		case inUse+free == 0 || inUse == lastUsed && free == lastFree: // the same disk
			continue
		}
		lastUsed, lastFree = inUse, free
		e.disk(dir, inUse, free)
	}
}

// disk checks the free space of a folder, in bytes.
func (e *examination) disk(dir string, inUse, free uint64) {
	used := int(100 * inUse / (inUse + free))
	says := fmt.Sprintf("%d %% of the disk of %s is in use, %s are free", used, dir, input.Bytes(free))
	switch {
	case used >= diskProblem:
		e.add("disk", Problem, "%s: add space now; uploads are refused, and then the database stops, when it is full", says)
	case used >= diskWarning:
		e.add("disk", Warning, "%s: add space soon", says)
	case used >= diskNotice:
		e.add("disk", OK, "%s: plan for more", says)
	default:
		e.add("disk", OK, "%s", says)
	}
}

// flushing checks that files can be written to each folder, and how long a flush takes.
func (e *examination) flushing() {
	for _, dir := range e.folders() {
		took, err := flush(dir)
		switch {
		case err != nil:
			e.add("files", Problem, "no file can be written to %s (%v): make it writable for the user that runs Frontdesk", dir, err)
		case took > e.limits.flush:
			e.add("files", Warning, "flushing a file in %s takes %v, and every answer waits for a flush: use a faster disk, or one with a write cache that survives a power failure", dir, took.Round(time.Millisecond))
		default:
			e.add("files", OK, "files can be written to %s; a flush takes %v", dir, took.Round(100*time.Microsecond))
		}
	}
}

// bucket checks that the bucket of attachments can be used.
func (e *examination) bucket(ctx context.Context) {
	if e.Bucket == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, answerTime)
	defer stop()
	begun := time.Now()
	err := e.Bucket.Check(ctx)
	took := time.Since(begun).Round(time.Millisecond)
	var wrong *blob.Misconfigured
	switch {
	case err == nil:
		e.add("bucket", OK, "files can be written to %s, read and removed; this took %v", e.Bucket, took)
	case errors.As(err, &wrong):
		e.add("bucket", Problem, "%v", err)
	case ctx.Err() != nil:
		e.add("bucket", Problem, "%s did not answer in %v: look at the server, and at the network between it and this machine; files can be neither saved nor opened", e.Bucket, took)
	default:
		e.add("bucket", Problem, "%v: look at the server, and at the network between it and this machine; files can be neither saved nor opened", err)
	}
}

// flush returns the median time of a few flushes of a small file.
func flush(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	times := make([]time.Duration, 5)
	for i := range times {
		if _, err := f.WriteString("flushed"); err != nil {
			return 0, err
		}
		begun := time.Now()
		if err := f.Sync(); err != nil {
			return 0, err
		}
		times[i] = time.Since(begun)
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// secrets checks that files with secrets can be read by their owner only. The settings may contain passwords; a group
// may read them.
func (e *examination) secrets() {
	if info, err := os.Stat(e.Settings); err == nil && info.Mode().Perm()&0o007 != 0 {
		e.add("secrets", Problem, "the settings in %s can be read by other users of this machine (its mode is %04o): run chmod 600 %s", e.Settings, info.Mode().Perm(), e.Settings)
	}
	for name, path := range e.Secrets {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			e.add("secrets", OK, "%s does not exist yet; the first start makes it", name)
		case err != nil:
			e.add("secrets", Problem, "%s cannot be read: %v", name, err)
		case info.Mode().Perm()&0o077 != 0:
			e.add("secrets", Problem, "%s can be read by other users of this machine (its mode is %04o): run chmod 600 %s", name, info.Mode().Perm(), path)
		case info.Size() < e.MinSecret:
			e.add("secrets", Problem, "%s has %d bytes and needs %d: delete it and restart; API tokens must be made again", name, info.Size(), e.MinSecret)
		default:
			e.add("secrets", OK, "%s can be read by its owner only", name)
		}
	}
}

// openFiles checks the limit of open files, of which each websocket needs one.
func (e *examination) openFiles() {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		e.add("limits", Warning, "the limit of open files cannot be read: %v", err)
		return
	}
	if l.Cur < fewOpenFiles { // Go raises the limit to the hard limit at the start
		e.add("limits", Warning, "this program may open %d files, and each open page needs one: set LimitNOFILE=65536 in its systemd unit, or ulimit -n 65536", l.Cur)
		return
	}
	e.add("limits", OK, "this program may open %d files", l.Cur)
}

// address requests the health of the desk at PUBLIC_URL.
func (e *examination) address(ctx context.Context) {
	if e.PublicURL == "" {
		e.add("address", OK, "PUBLIC_URL is not set: set it if the desk is behind a proxy")
		return
	}
	url := strings.TrimSuffix(e.PublicURL, "/") + "/health"
	if err := healthy(ctx, url); err != nil {
		e.add("address", Problem, "%s does not answer as a running desk (%v): start the desk, and correct PUBLIC_URL or the proxy (docs/proxies.md)", url, err)
		return
	}
	e.add("address", OK, "%s answers", url)
}

// nats checks whether NATS can be reached.
func (e *examination) nats(ctx context.Context) {
	if e.NATS == nil {
		return
	}
	if err := e.NATS(ctx); err != nil {
		e.add("nats", Problem, "NATS cannot be reached (%v), so the replicas send each other messages by NOTIFY of PostgreSQL: start it, or correct NATS_URL", err)
		return
	}
	e.add("nats", OK, "NATS is connected")
}

// healthy returns an error unless the desk answers.
func healthy(ctx context.Context, url string) error {
	ctx, stop := context.WithTimeout(ctx, answerTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// A redirect would come from another program, or from http to https.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK || !strings.Contains(string(body), `"ok":true`):
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
