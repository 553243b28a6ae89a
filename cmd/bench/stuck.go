package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

const (
	stuckTicket  = 601
	stuckLines   = 3000
	healthy      = 5
	stuckGoal    = 10 * time.Second
	stuckMemory  = 16 << 20
	stuckPatient = 30 * time.Second
)

// stuckReader has somebody open a socket and read nothing while thousands of
// lines go to five others, and looks at when the desk lets go of it.
func (b *bench) stuckReader(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	p, err := b.startDesk(ctx, "postgres", "stuck")
	if err != nil {
		return err
	}
	defer p.stop()
	t, err := db.New(b.pool).GetTicket(ctx, db.GetTicketParams{ID: stuckTicket, SeesAll: true})
	if err != nil {
		return err
	}
	at := func(i int) (place, int64) {
		return place{addr: p.addr, path: fmt.Sprintf("/tickets/%d/chat", stuckTicket), cookie: dbseed.Cookie(dbseed.Users + 1 + i), from: i}, t.LastSeq
	}
	all, err := openClients(ctx, healthy, at)
	if err != nil {
		return err
	}
	defer closeClients(all)
	readers := readLines(all)
	deaf, _ := at(healthy)
	deaf.buffer = 8 << 10
	stuck, err := openSocket(ctx, deaf)
	if err != nil {
		return err
	}
	defer stuck.Close()
	before := settled(ctx, p)
	watch := watchSocket(ctx, p, stuck)
	start := time.Now()
	profiled := b.profile("P5 a stuck reader", p, b.Seconds)
	if err := cmp.Or(postLines(ctx, p, stuckLines), profiled()); err != nil {
		return err
	}
	delivered := 0
	for range healthy {
		select {
		case r := <-readers:
			if delivered += r.lines; r.err != nil {
				return r.err
			}
		case <-time.After(stuckPatient):
			return fmt.Errorf("%d of %d delivered within %s", delivered, healthy*stuckLines, stuckPatient)
		}
	}
	took := time.Since(start)
	w := <-watch
	growth := w.peak - before
	ok := delivered == healthy*stuckLines && w.closed && w.after <= stuckGoal && growth <= stuckMemory
	b.add(row{Work: "P5 a stuck reader among five", RSS: w.peak,
		Value: fmt.Sprintf("%d of %d in order in %.1f s; it is closed %.1f s after its buffers are full; memory + %s",
			delivered, healthy*stuckLines, took.Seconds(), w.after.Seconds(), mib(growth)),
		Figures: map[string]float64{"delivered": float64(delivered), "delivery_s": took.Seconds(), "closed_after_s": w.after.Seconds(), "memory_bytes": float64(growth)},
	}.wants("all, ≤ 10 s, ≤ 16 MiB", ok))
	return nil
}

type lineReader struct {
	lines int
	err   error
}

// readLines has each client read all lines, in their order.
func readLines(all []*client) <-chan lineReader {
	out := make(chan lineReader, len(all))
	for _, c := range all {
		go func() {
			var r lineReader
			err := c.follow(func(_, _ int64, news []byte) {
				for {
					_, rest, ok := bytes.Cut(news, []byte(lineText(r.lines)))
					if !ok {
						break
					}
					news = rest
					if r.lines++; r.lines == stuckLines {
						out <- r
					}
				}
			})
			if r.lines < stuckLines {
				r.err = fmt.Errorf("a healthy reader ends after %d lines: %w", r.lines, err)
				out <- r
			}
		}()
	}
	return out
}

func lineText(n int) string { return fmt.Sprintf("line %d of many.", n) }

// postLines posts lines one after the other, as a page does.
func postLines(ctx context.Context, p *program, n int) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r, stamp := bufio.NewReader(conn), time.Now().UnixNano()
	for i := range n {
		body := fmt.Sprintf("text=%s&submission_id=stuck-%d-%d", strings.ReplaceAll(lineText(i), " ", "+"), stamp, i)
		if _, err := conn.Write(post(fmt.Sprintf("/tickets/%d/messages", stuckTicket), dbseed.Cookie(dbseed.Admin), body)); err != nil {
			return err
		}
		status, _, err := readAnswer(r)
		if err != nil {
			return err
		}
		if status != http.StatusSeeOther {
			return fmt.Errorf("line %d: answer %d", i, status)
		}
	}
	return nil
}

// watched is what became of a socket whose reader reads nothing.
type watched struct {
	closed bool
	after  time.Duration // since the kernel took no more for it
	peak   int64         // of the program's memory meanwhile
}

// watchSocket looks at the server's end of a socket: only there a close shows
// while the other end reads nothing.
func watchSocket(ctx context.Context, p *program, conn *websocket.Conn) <-chan watched {
	out := make(chan watched, 1)
	go func() {
		var w watched
		full, queued := time.Now(), int64(0)
		for started := time.Now(); ctx.Err() == nil && time.Since(started) < 2*stuckPatient; time.Sleep(10 * time.Millisecond) {
			w.peak = max(w.peak, statusOf(p.pid(), "VmRSS:"))
			open, n := endOf(conn.RemoteAddr(), conn.LocalAddr())
			if !open {
				w.closed, w.after = true, time.Since(full)
				break
			}
			if n > queued {
				full, queued = time.Now(), n
			}
		}
		out <- w
	}()
	return out
}

// endOf reads from the kernel's table whether the end of a connection at local is
// open, and how many bytes wait there to be taken by the other.
func endOf(local, remote net.Addr) (open bool, queued int64) {
	const established = "01"
	raw, _ := os.ReadFile("/proc/net/tcp") // unreadable is not open, and shows
	for line := range bytes.Lines(raw) {
		f := strings.Fields(string(line))
		if len(f) > 4 && f[1] == hexAddr(local) && f[2] == hexAddr(remote) {
			waiting, _, _ := strings.Cut(f[4], ":")
			queued, _ = strconv.ParseInt(waiting, 16, 64)
			return f[3] == established, queued
		}
	}
	return false, 0
}

// hexAddr is an IPv4 address as /proc/net/tcp writes it on a little-endian machine.
func hexAddr(a net.Addr) string {
	tcp := a.(*net.TCPAddr)
	ip := tcp.IP.To4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], tcp.Port)
}
