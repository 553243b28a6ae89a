package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// profile begins to take a CPU and an allocation profile of a desk, for as long
// as one run of a work lasts, and returns a function that waits for them. Of a
// work that runs several times the last run's stay.
func (b *bench) profile(name string, p *program, runs float64) (wait func() error) {
	if b.Profile == "" || p.profiler == "" {
		return func() error { return nil }
	}
	if err := os.MkdirAll(b.Profile, 0o755); err != nil {
		return func() error { return err }
	}
	var both sync.WaitGroup
	var cpu, allocs error
	seconds := int(max(1, math.Round(runs)))
	file := filepath.Join(b.Profile, slug(name))
	both.Go(func() { cpu = p.takeProfile("profile", seconds, file+".cpu.pprof") })
	both.Go(func() { allocs = p.takeProfile("allocs", seconds, file+".allocs.pprof") })
	return func() error {
		both.Wait()
		return cmp.Or(cpu, allocs)
	}
}

func (p *program) takeProfile(kind string, seconds int, to string) error {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", p.profiler)
	}}}
	resp, err := c.Get(fmt.Sprintf("http://profiler/debug/pprof/%s?seconds=%d", kind, seconds))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("profile: %s: %s", resp.Status, body)
	}
	return cmp.Or(err, os.WriteFile(to, body, 0o644))
}

// slug is a work's name as a file's.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}
