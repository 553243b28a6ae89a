package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/live/livetest"
)

// talker returns a chat client for the ticket at path, with the session of the person.
func (p *person) talker(ctx context.Context, path string) *livetest.Client {
	p.t.Helper()
	u, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	k := &livetest.Client{Base: p.base, Path: path, Cookie: p.client.Jar.Cookies(u)[0].String()}
	k.Start(ctx, 1)
	return k
}

// postmaster returns the process ID of the database.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// freePort returns a TCP port that is not in use now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func TestNoMessageIsLostIfTheDatabaseAndTheProgramAreKilledDuringAChat(t *testing.T) {
	t.Parallel()
	dir := migratedDir(t)
	env := []string{"DATA_DIR=" + dir, "PORT=" + freePort(t), "ADMIN_EMAIL=priya@example.org", "ADMIN_PASSWORD=" + password, "LIMIT_TALK=0", "LIMIT_ACTIONS=0"}
	desk := serve(t, env...)
	ana, priya := newPerson(t, desk.url), newPerson(t, desk.url)
	ana.register("Ana", "ana@example.org")
	priya.signIn("priya@example.org")
	path := ana.ticket("Invoice", "It has our old address.")
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()

	const pages, lines = 6, 80
	talkers, output := make([]*livetest.Client, pages), make([][]string, pages)
	var talking sync.WaitGroup
	var n atomic.Int64
	for i := range pages {
		k := []*person{ana, priya}[i%2].talker(ctx, path)
		talkers[i] = k
		talking.Go(func() {
			for j := range lines {
				text, send := fmt.Sprintf("Line %d of %d", j, i), k.Send
				if j%2 == 1 {
					send = k.Post
				}
				if _, err := send(ctx, fmt.Sprintf("key %d of %d", j, i), text); err != nil {
					t.Errorf("%s: %v", text, err)
					return
				}
				output[i] = append(output[i], text)
				n.Add(1)
			}
		})
	}
	reach := func(part int64) {
		for n.Load() < pages*lines*part/4 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}
	reach(1)
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	reach(2)
	desk.end(t, syscall.SIGKILL)
	desk = serve(t, env...)
	reach(3)
	desk.end(t, syscall.SIGTERM)
	desk = serve(t, env...)
	talking.Wait()

	witness := ana.talker(ctx, path)
	last := int64(pages*lines + 2) // with the entries of the opening and of the assignment to Priya, who replied
	var figures livetest.Figures
	if err := witness.Reach(ctx, last); err != nil {
		t.Fatal(err)
	}
	log := witness.Messages()
	for i, k := range talkers {
		if err := k.Reach(ctx, last); err != nil {
			t.Error(err)
		}
		figures.Add(livetest.Kept(log, output[i]))
		figures.Add(livetest.Compare(log, k.Messages()))
	}
	t.Logf("%d messages on %d pages: %+v", len(log), pages, figures)
	if figures != (livetest.Figures{}) {
		t.Errorf("the pages do not show exactly the sent messages: the figures are %+v, want %+v", figures, (livetest.Figures{}))
	}
	if len(log) != pages*lines {
		t.Errorf("the pages do not show exactly the sent messages: got %d elements, want %d", len(log), pages*lines)
	}
	desk.end(t, syscall.SIGTERM)
}
