package works

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

const (
	ioRooms   = 25
	ioCrowd   = 1000 // clients of which the memory is measured
	ioEach    = 20   // connections of one user, as many as the desk allows
	ioTicket  = 600
	ioPolls   = 10 // messages to all polling clients
	pollPause = 300 * time.Millisecond
)

// socketIO has clients of Socket.IO chat in 25 rooms of two: as fast as messages are
// delivered, and together at 100 messages a second. Then it measures the memory of idle
// clients beside that of sockets of pages, and polling clients.
func (b *bench) socketIO(ctx context.Context) error {
	var paced []report.Row
	rows, err := b.inTurns(func() (report.Row, error) {
		fast, slow, err := b.ioChat(ctx)
		paced = append(paced, slow)
		return fast, err
	})
	if err != nil {
		return err
	}
	slow := medianP99(paced)
	b.add(rows[0].Wants("≥ 2,226/s, 3× the first system's 742", rows[0].Rate >= chatGoal),
		slow.Wants("p50 ≤ 3 ms; the first system's 4.2, p99 14 ms", slow.P50 <= millis(3)))
	return b.ioMemory(ctx)
}

// ioChat measures both paces with clients over websockets.
func (b *bench) ioChat(ctx context.Context) (fast, paced report.Row, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(2*b.Seconds*float64(time.Second))+time.Minute)
	defer cancel()
	all, err := b.findRooms(ctx)
	if err != nil {
		return fast, paced, err
	}
	tokens, err := b.ioTokens(b.app.Addr, 2*ioRooms, func(i int) int64 { return all[i/2].people[i%2] })
	if err != nil {
		return fast, paced, err
	}
	clients, err := load.OpenIOSockets(ctx, 2*ioRooms, func(i int) load.IOTarget {
		return load.IOTarget{Addr: b.app.Addr, Token: tokens[i], Ticket: all[i/2].ticket}
	})
	defer closeAll(clients)
	if err != nil {
		return fast, paced, err
	}
	t := load.NewChat(ctx, clients)
	if err := t.Run(time.Now()); err != nil {
		return fast, paced, fmt.Errorf("first messages: %w", err)
	}
	fast, err = b.costOf("socket.io, 25 rooms of 2", b.app, func() (load.Sample, error) { return t.ClosedLoop(b.Seconds) })
	if err != nil {
		return fast, paced, err
	}
	paced, err = b.costOf("socket.io, 100 messages a second", b.app, func() (load.Sample, error) { return t.Paced(b.Seconds) })
	return fast, paced, err
}

// closeAll closes the clients that are not nil.
func closeAll[T interface {
	comparable
	Close()
}](all []T) {
	var none T
	for _, c := range all {
		if c != none {
			c.Close()
		}
	}
}

// ioTokens signs in the users of n clients, each once, and returns the token of each client.
func (b *bench) ioTokens(addr string, n int, user func(i int) int64) ([]string, error) {
	of, out := map[int64]string{}, make([]string, n)
	for i := range out {
		id := user(i)
		if of[id] == "" {
			token, err := load.Token(addr, dbseed.Email(int(id)), testbed.Password)
			if err != nil {
				return nil, err
			}
			of[id] = token
		}
		out[i] = of[id]
	}
	return out, nil
}

// ioMemory measures the memory of each idle client on desks of their own: sockets of
// pages, clients over websockets, and polling clients, which then get messages.
func (b *bench) ioMemory(ctx context.Context) error {
	pages, err := b.ioDesk(ctx, b.sizeOfPages)
	if err != nil {
		return err
	}
	sockets, err := b.ioDesk(ctx, b.sizeOfIOSockets)
	if err != nil {
		return err
	}
	polling, err := b.ioDesk(ctx, b.sizeOfIOPollers)
	if err != nil {
		return err
	}
	most := 1.5 * pages.Figures["client_bytes"]
	b.add(pages.Named("socket.io, limit: 1,000 sockets of pages"),
		sockets.Named("socket.io, 1,000 clients over websockets").Wants("≤ 1.5× a socket of a page", sockets.Figures["client_bytes"] <= most),
		polling.Named("socket.io, 1,000 polling clients, a message to all"))
	return nil
}

// sizeOfPages measures the memory of sockets of pages.
func (b *bench) sizeOfPages(ctx context.Context, p *process.Program) (report.Row, error) {
	t, err := db.New(b.bed.Pool).GetTicket(ctx, db.GetTicketParams{ID: ioTicket, Reach: "all"})
	if err != nil {
		return report.Row{}, err
	}
	return ioSize(ctx, p, func() ([]*load.Client, error) {
		return load.OpenClients(ctx, ioCrowd, func(i int) (load.Target, int64) {
			return load.Target{Addr: p.Addr, Path: fmt.Sprintf("/tickets/%d/chat", ioTicket), Cookie: dbseed.Cookie(dbseed.Users + 1 + i/socketsEach), From: i / fromEach}, t.LastSeq
		})
	}, load.CloseClients, nil)
}

// sizeOfIOSockets measures the memory of clients of Socket.IO over websockets.
func (b *bench) sizeOfIOSockets(ctx context.Context, p *process.Program) (report.Row, error) {
	at, err := b.ioCrowdAt(p)
	if err != nil {
		return report.Row{}, err
	}
	return ioSize(ctx, p, func() ([]*load.IOSocket, error) { return load.OpenIOSockets(ctx, ioCrowd, at) }, closeAll[*load.IOSocket], nil)
}

// sizeOfIOPollers measures the memory of polling clients, and how long a message to all takes.
func (b *bench) sizeOfIOPollers(ctx context.Context, p *process.Program) (report.Row, error) {
	at, err := b.ioCrowdAt(p)
	if err != nil {
		return report.Row{}, err
	}
	return ioSize(ctx, p, func() ([]*load.IOPoller, error) { return load.OpenIOPollers(ctx, ioCrowd, at) }, closeAll[*load.IOPoller],
		func(all []*load.IOPoller) (load.Sample, error) { return ioPoll(ctx, all) })
}

// ioDesk runs measure on a desk of its own.
func (b *bench) ioDesk(ctx context.Context, measure func(context.Context, *process.Program) (report.Row, error)) (report.Row, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	p, err := b.bed.StartDesk(ctx, testbed.Database, "socketio")
	if err != nil {
		return report.Row{}, err
	}
	defer p.Stop()
	return measure(ctx, p)
}

// ioCrowdAt signs in staff on a desk, and returns the target of the i-th client.
func (b *bench) ioCrowdAt(p *process.Program) (func(i int) load.IOTarget, error) {
	tokens, err := b.ioTokens(p.Addr, ioCrowd, func(i int) int64 { return int64(dbseed.Users + 1 + i/ioEach) })
	return func(i int) load.IOTarget {
		return load.IOTarget{Addr: p.Addr, Token: tokens[i], Ticket: ioTicket, From: i / fromEach}
	}, err
}

// ioSize measures the memory of a desk for each of the clients that open returns, and
// then what use does with them, if it is not nil.
func ioSize[T any](ctx context.Context, p *process.Program, open func() ([]T, error), end func([]T), use func([]T) (load.Sample, error)) (report.Row, error) {
	idle, err := settled(ctx, p)
	if err != nil {
		return report.Row{}, err
	}
	all, err := open()
	defer func() { end(all) }()
	if err != nil {
		return report.Row{}, err
	}
	rss, err := settled(ctx, p)
	if err != nil {
		return report.Row{}, err
	}
	each := float64(rss-idle) / ioCrowd
	row := report.Row{}
	if use != nil {
		s, err := use(all)
		if err != nil {
			return row, err
		}
		row = s.Row("")
	}
	row.RSS, row.Value, row.Figures = rss, fmt.Sprintf("%.1f KiB each", each/1024), map[string]float64{"client_bytes": each}
	return row, nil
}

// ioPoll sends messages, each once all polling clients have got the one before, and
// returns how long the receipts took.
func ioPoll(ctx context.Context, all []*load.IOPoller) (load.Sample, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := ioReceipts{clients: len(all), failed: make(chan error, len(all)), round: make(chan struct{}, ioPolls)}
	for _, p := range all {
		go r.poll(ctx, p)
	}
	var busy time.Duration
	for i := range ioPolls {
		time.Sleep(pollPause)
		sent := time.Now()
		r.begin(sent)
		if err := all[0].Say(ctx, fmt.Sprintf("A message to all who poll, %d", i)); err != nil {
			return load.Sample{}, err
		}
		select {
		case <-r.round:
			busy += time.Since(sent)
		case err := <-r.failed:
			return load.Sample{}, err
		case <-time.After(20 * time.Second):
			return load.Sample{}, errors.New("a message did not reach all polling clients in 20 s")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return load.NewSample(r.took, busy), nil
}

// ioReceipts are the receipts of messages by polling clients.
type ioReceipts struct {
	clients int
	failed  chan error    // one for each client that cannot poll any more
	round   chan struct{} // one for each message that all clients have got

	mu   sync.Mutex
	sent time.Time // when the last message was sent
	took []time.Duration
}

// begin sets when the next message is sent.
func (r *ioReceipts) begin(sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = sent
}

// poll counts the messages that a client gets, until ctx ends.
func (r *ioReceipts) poll(ctx context.Context, p *load.IOPoller) {
	for ctx.Err() == nil {
		text, err := p.Get(ctx)
		if err != nil {
			r.failed <- err
			return
		}
		r.mu.Lock()
		for range strings.Count(text, `42["message"`) {
			if r.took = append(r.took, time.Since(r.sent)); len(r.took)%r.clients == 0 {
				r.round <- struct{}{}
			}
		}
		r.mu.Unlock()
	}
}
