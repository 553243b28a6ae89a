package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

const (
	socketsEach = 5   // of a person: as many as the desk allows
	fromEach    = 200 // of an address: the same
	crowdSize   = dbseed.Crew * socketsEach
	crowdLines  = 20
	crowdTicket = 600
	linePause   = 200 * time.Millisecond
)

// crowd has all staff open all the sockets they may on one ticket, where one of
// them says something now and then. It runs on a program of its own, so that
// what its memory grows by is theirs.
func (b *bench) crowd(ctx context.Context) error {
	if err := roomFor(crowdSize); err != nil {
		return err
	}
	bare, err := startBare(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	limit, err := b.gathered(ctx, bare)
	if err != nil {
		return fmt.Errorf("bare server: %w", err)
	}
	p, err := b.startDesk(ctx, "postgres", "crowd")
	if err != nil {
		return err
	}
	defer p.stop()
	g, err := b.gathered(ctx, p)
	if err != nil {
		return err
	}
	small := g.each <= 12<<10
	quick := g.P99 <= 200*time.Millisecond && g.lost == 0
	b.add(limit.sizeRow("P5's limit: bare gorilla sockets"), limit.lineRow("P5's limit: a line to all of them"),
		g.sizeRow("P5 10,000 sockets of 2,000 people").wants("≤ 12 KiB each", small),
		g.lineRow("P5 a line to all of them").against(limit.Rate).wants("p99 ≤ 200 ms, none lost", quick))
	return nil
}

// gathering is what a crowd measured.
type gathering struct {
	sample
	opened    time.Duration // for all
	each      int64         // bytes of the server's memory a socket, once all are open
	eachAfter int64         // and once lines were sent
	lost      int64         // receipts that did not come in time
	rss       int64         // of the server with all of them, once lines were sent
}

func (g gathering) size() string {
	return fmt.Sprintf("%.1f KiB each, %.1f after %d lines; open in %.1f s", kib(int(g.each)), kib(int(g.eachAfter)), crowdLines, g.opened.Seconds())
}

func (g gathering) sizeRow(work string) row {
	return row{Work: work, RSS: g.rss, Value: g.size(),
		Figures: map[string]float64{"socket_bytes": float64(g.each), "socket_bytes_after": float64(g.eachAfter), "open_s": g.opened.Seconds()}}
}

// lineRow is of receipts: so many a second while a line is under way.
func (g gathering) lineRow(work string) row {
	r := g.row(work)
	r.Value, r.Figures = g.receipts(), map[string]float64{"last_ms": millis(g.Last).number(), "lost": float64(g.lost)}
	return r
}

func (g gathering) receipts() string {
	return fmt.Sprintf("the last after %.0f ms; lost %d of %d", float64(g.Last)/float64(time.Millisecond), g.lost, crowdLines*crowdSize)
}

func (b *bench) gathered(ctx context.Context, p *program) (gathering, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	t, err := db.New(b.pool).GetTicket(ctx, db.GetTicketParams{ID: crowdTicket, SeesAll: true})
	if err != nil {
		return gathering{}, err
	}
	var g gathering
	idle := settled(ctx, p)
	start := time.Now()
	all, err := openClients(ctx, crowdSize, func(i int) (place, int64) {
		return place{addr: p.addr, path: fmt.Sprintf("/tickets/%d/chat", crowdTicket), cookie: dbseed.Cookie(dbseed.Users + 1 + i/socketsEach), from: i / fromEach}, t.LastSeq
	})
	if err != nil {
		return g, err
	}
	defer closeClients(all)
	g.opened = time.Since(start)
	g.each = (settled(ctx, p) - idle) / crowdSize
	profiled := b.profile("P5 a line to all of them", p, crowdLines*linePause.Seconds())
	if err := cmp.Or(g.hear(ctx, all), profiled()); err != nil {
		return g, err
	}
	g.rss = settled(ctx, p)
	g.eachAfter = (g.rss - idle) / crowdSize
	return g, nil
}

// hear has the first client say lines, each when the last one has reached all.
func (g *gathering) hear(ctx context.Context, all []*client) error {
	took := make([]time.Duration, crowdLines*crowdSize)
	var (
		sent  atomic.Pointer[time.Time]
		here  atomic.Int64
		round = make(chan struct{}, crowdLines)
		fault = make(chan error, len(all))
	)
	for _, c := range all {
		go func() {
			fault <- c.follow(func(from, to int64, _ []byte) {
				now := time.Now()
				n := here.Add(1)
				took[n-1] = now.Sub(*sent.Load())
				if n%crowdSize == 0 {
					round <- struct{}{}
				}
			})
		}()
	}
	stamp, underWay := time.Now().UnixNano(), time.Duration(0)
	for line := range crowdLines {
		now := time.Now()
		sent.Store(&now)
		if err := all[0].say("A line to all who are here.", fmt.Sprintf("crowd-%d-%d", stamp, line)); err != nil {
			return err
		}
		select {
		case <-round:
			underWay += time.Since(now)
		case err := <-fault:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Second):
			g.lost = int64(line+1)*crowdSize - here.Load()
			return errors.New(g.receipts())
		}
		time.Sleep(linePause)
	}
	g.sample = newSample(took, underWay)
	return nil
}

// settled is the memory of a program that has come to rest: the median of some
// seconds, as it rises and falls with what is made and collected again.
func settled(ctx context.Context, p *program) int64 {
	var seen []int64
	for i := range 16 {
		time.Sleep(time.Second)
		u, err := usageOf(p.pid())
		if err != nil || ctx.Err() != nil {
			return 0
		}
		if i >= 5 {
			seen = append(seen, u.RSS)
		}
	}
	slices.Sort(seen)
	return seen[len(seen)/2]
}
