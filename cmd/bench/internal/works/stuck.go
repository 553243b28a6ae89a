package works

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

const (
	stuckTicket   = 601
	stuckMessages = 3000
	readers       = 5
	stuckGoal     = 10 * time.Second
	stuckMemory   = 16 << 20
	stuckTimeout  = 30 * time.Second
)

// stuckReader opens a socket that reads nothing while thousands of messages are
// delivered to five others, and measures when the desk closes it.
func (b *bench) stuckReader(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	p, err := b.bed.StartDesk(ctx, testbed.Database, "stuck")
	if err != nil {
		return err
	}
	defer p.Stop()
	all, stuck, err := b.openStuck(ctx, p)
	if err != nil {
		return err
	}
	defer load.CloseClients(all)
	defer stuck.Close()
	delivered := readMessages(all)
	before, err := settled(ctx, p)
	if err != nil {
		return err
	}
	watch := watchSocket(ctx, p, stuck)
	start := time.Now()
	profiled := b.profile("open sockets, a stuck reader", p, b.Seconds)
	if err := cmp.Or(postMessages(ctx, p, stuckMessages), profiled()); err != nil {
		return err
	}
	if err := allDelivered(delivered); err != nil {
		return err
	}
	took := time.Since(start)
	w := <-watch
	growth := w.peak - before
	ok := w.closed && w.after <= stuckGoal && growth <= stuckMemory
	const n = readers * stuckMessages
	b.add(report.Row{Work: "open sockets, a stuck reader among five", RSS: w.peak,
		Value: fmt.Sprintf("%d of %d in order in %.1f s; it is closed %.1f s after its buffers are full; memory + %s",
			n, n, took.Seconds(), w.after.Seconds(), report.Size(growth)),
		Figures: map[string]float64{"delivered": n, "delivery_s": took.Seconds(), "closed_after_s": w.after.Seconds(), "memory_bytes": float64(growth)},
	}.Wants("all, ≤ 10 s, ≤ 16 MiB", ok))
	return nil
}

// openStuck opens five sockets that read and one that does not, with a small
// receive buffer.
func (b *bench) openStuck(ctx context.Context, p *process.Program) ([]*load.Client, *websocket.Conn, error) {
	t, err := db.New(b.bed.Pool).GetTicket(ctx, db.GetTicketParams{ID: stuckTicket, Reach: "all"})
	if err != nil {
		return nil, nil, err
	}
	at := func(i int) (load.Target, int64) {
		return load.Target{Addr: p.Addr, Path: fmt.Sprintf("/tickets/%d/chat", stuckTicket), Cookie: dbseed.Cookie(dbseed.Users + 1 + i), From: i}, t.LastSeq
	}
	all, err := load.OpenClients(ctx, readers, at)
	if err != nil {
		return nil, nil, err
	}
	target, _ := at(readers)
	target.Buffer = 8 << 10
	stuck, err := load.OpenSocket(ctx, target)
	if err != nil {
		load.CloseClients(all)
	}
	return all, stuck, err
}

// readMessages has each client read all messages in order. It sends nil for each
// client that has, and an error for one whose socket ended before.
func readMessages(all []*load.Client) <-chan error {
	out := make(chan error, len(all))
	for _, c := range all {
		go func() {
			n := 0
			err := c.Follow(func(update []byte) {
				for {
					_, rest, ok := bytes.Cut(update, []byte(messageText(n)))
					if !ok {
						break
					}
					update = rest
					if n++; n == stuckMessages {
						out <- nil
					}
				}
			})
			if n < stuckMessages {
				out <- fmt.Errorf("the socket of a reader ended after %d messages: %w", n, err)
			}
		}()
	}
	return out
}

// allDelivered waits until every reader has all messages, and returns an error if
// one fails or takes too long.
func allDelivered(delivered <-chan error) error {
	for done := range readers {
		select {
		case err := <-delivered:
			if err != nil {
				return err
			}
		case <-time.After(stuckTimeout):
			return fmt.Errorf("only %d of %d readers received all messages within %s", done, readers, stuckTimeout)
		}
	}
	return nil
}

func messageText(n int) string { return fmt.Sprintf("line %d of many.", n) }

// postMessages posts messages one after the other by the page's form.
func postMessages(ctx context.Context, p *process.Program, n int) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r, stamp := bufio.NewReader(conn), time.Now().UnixNano()
	for i := range n {
		body := fmt.Sprintf("text=%s&submission_id=stuck-%d-%d", strings.ReplaceAll(messageText(i), " ", "+"), stamp, i)
		if _, err := conn.Write(load.Post(fmt.Sprintf("/tickets/%d/messages", stuckTicket), dbseed.Cookie(dbseed.Admin), body)); err != nil {
			return err
		}
		status, _, err := load.ReadAnswer(r)
		if err != nil {
			return err
		}
		if status != http.StatusSeeOther {
			return fmt.Errorf("message %d: answer %d", i, status)
		}
	}
	return nil
}
