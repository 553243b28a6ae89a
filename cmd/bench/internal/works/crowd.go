package works

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

const (
	socketsEach   = 5   // sockets of one user, as many as the desk allows
	fromEach      = 200 // sockets of one address, as many as the desk allows
	crowdSize     = dbseed.Staff * socketsEach
	crowdMessages = 20
	crowdTicket   = 600
	messagePause  = 200 * time.Millisecond
)

// crowd has all staff open the maximum number of sockets on one ticket, where one of them writes a
// message from time to time. It uses a separate desk, so that the growth of its memory is that of
// the sockets.
func (b *bench) crowd(ctx context.Context) error {
	if err := load.AllowOpenFiles(crowdSize); err != nil {
		return err
	}
	bare, err := limit.StartSockets(ctx)
	if err != nil {
		return err
	}
	defer bare.Stop()
	limitResult, err := b.crowdOn(ctx, bare)
	if err != nil {
		return fmt.Errorf("bare server: %w", err)
	}
	p, err := b.bed.StartDesk(ctx, testbed.Database, "crowd")
	if err != nil {
		return err
	}
	defer p.Stop()
	r, err := b.crowdOn(ctx, p)
	if err != nil {
		return err
	}
	small := r.each <= 12<<10
	quick := r.P99 <= 200*time.Millisecond
	b.add(limitResult.sizeRow("open sockets, limit: bare gorilla sockets"), limitResult.messageRow("open sockets, limit: a message to all of them"),
		r.sizeRow("open sockets, 10,000 of 2,000 people").Wants("≤ 12 KiB each", small),
		r.messageRow(crowdMessageName).Against(limitResult.Rate).Wants("p99 ≤ 200 ms", quick))
	return nil
}

const crowdMessageName = "open sockets, a message to all of them"

// crowdResult has the measurements of a crowd on one server.
type crowdResult struct {
	load.Sample               // of receipts
	opened      time.Duration // until all sockets were open
	each        int64         // memory of the server for each socket in bytes, once all were open
	eachAfter   int64         // the same after the messages
	rss         int64         // memory of the server after the messages, in bytes
}

func (r crowdResult) sizeRow(work string) report.Row {
	return report.Row{Work: work, RSS: r.rss,
		Value:   fmt.Sprintf("%.1f KiB each, %.1f after %d messages; open in %.1f s", report.KiB(int(r.each)), report.KiB(int(r.eachAfter)), crowdMessages, r.opened.Seconds()),
		Figures: map[string]float64{"socket_bytes": float64(r.each), "socket_bytes_after": float64(r.eachAfter), "open_s": r.opened.Seconds()}}
}

// messageRow is the row of the receipts. Its rate is receipts per second while a
// message is being delivered.
func (r crowdResult) messageRow(work string) report.Row {
	row, last := r.Row(work), report.Millis(r.Last).Number()
	row.Value, row.Figures = fmt.Sprintf("the last after %.0f ms", last), map[string]float64{"last_ms": last}
	return row
}

// crowdOn opens the sockets on a server and sends the messages.
func (b *bench) crowdOn(ctx context.Context, p *process.Program) (crowdResult, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	var r crowdResult
	t, err := db.New(b.bed.Pool).GetTicket(ctx, db.GetTicketParams{ID: crowdTicket, Reach: "all"})
	if err != nil {
		return r, err
	}
	idle, err := settled(ctx, p)
	if err != nil {
		return r, err
	}
	start := time.Now()
	all, err := load.OpenClients(ctx, crowdSize, func(i int) (load.Target, int64) {
		return load.Target{Addr: p.Addr, Path: fmt.Sprintf("/tickets/%d/chat", crowdTicket), Cookie: dbseed.Cookie(dbseed.Users + 1 + i/socketsEach), From: i / fromEach}, t.LastSeq
	})
	if err != nil {
		return r, err
	}
	defer load.CloseClients(all)
	r.opened = time.Since(start)
	open, err := settled(ctx, p)
	if err != nil {
		return r, err
	}
	r.each = (open - idle) / crowdSize
	profiled := b.profile(crowdMessageName, p, crowdMessages*messagePause.Seconds())
	if err := cmp.Or(r.sendToAll(ctx, all), profiled()); err != nil {
		return r, err
	}
	if r.rss, err = settled(ctx, p); err != nil {
		return r, err
	}
	r.eachAfter = (r.rss - idle) / crowdSize
	return r, nil
}

// sendToAll has the first client send messages, each once all clients have received
// the previous one, and sets the sample of how long the receipts took. It returns an error if
// a receipt is lost.
func (r *crowdResult) sendToAll(ctx context.Context, all []*load.Client) error {
	took := make([]time.Duration, crowdMessages*crowdSize)
	var (
		sent     atomic.Pointer[time.Time]
		received atomic.Int64
		round    = make(chan struct{}, crowdMessages)
		failed   = make(chan error, len(all))
	)
	for _, c := range all {
		go func() {
			failed <- c.Follow(func([]byte) {
				now := time.Now()
				n := received.Add(1)
				took[n-1] = now.Sub(*sent.Load())
				if n%crowdSize == 0 {
					round <- struct{}{}
				}
			})
		}()
	}
	stamp, underWay := time.Now().UnixNano(), time.Duration(0)
	for i := range crowdMessages {
		now := time.Now()
		sent.Store(&now)
		if err := all[0].Send("A message to all who are here.", fmt.Sprintf("crowd-%d-%d", stamp, i)); err != nil {
			return err
		}
		select {
		case <-round:
			underWay += time.Since(now)
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Second):
			return fmt.Errorf("%d of %d receipts of message %d did not come within 20 s", int64(i+1)*crowdSize-received.Load(), crowdSize, i+1)
		}
		time.Sleep(messagePause)
	}
	r.Sample = load.NewSample(took, underWay)
	return nil
}

// settled returns the memory of an idle program in bytes. It is the median over
// several seconds, as garbage collection changes it, and takes 16 seconds. It returns an error if
// the program or ctx ends before.
func settled(ctx context.Context, p *process.Program) (int64, error) {
	var seen []int64
	for i := range 16 {
		time.Sleep(time.Second)
		u, err := process.UsageOf(p.PID())
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return 0, fmt.Errorf("read the memory of the server: %w", err)
		}
		if i >= 5 {
			seen = append(seen, u.RSS)
		}
	}
	slices.Sort(seen)
	return seen[len(seen)/2], nil
}
