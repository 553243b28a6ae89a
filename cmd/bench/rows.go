package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/db"
)

// rowsAlone is how many lines a second PostgreSQL stores for bare connections,
// ten as the desk has: the rows of a comment or a chat line and its
// notification, committed, and nothing else. where tells the ticket and the
// author of the n-th line of a connection.
func (b *bench) rowsAlone(ctx context.Context, name string, kind db.EventKind, text string, where func(conn, n int) (ticket, author int64)) (row, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(b.Seconds*float64(time.Second))+30*time.Second)
	defer cancel()
	q := db.New(b.pool)
	until := time.Now().Add(time.Duration(b.Seconds * float64(time.Second)))
	var done atomic.Int64
	var wg sync.WaitGroup
	faults := make(chan error, b.Conns)
	before, err := usageOf(b.cluster.PID())
	if err != nil {
		return row{}, err
	}
	peaks := watchMemory(0, b.cluster.PID())
	start, run := time.Now(), time.Now().UnixNano()
	for conn := range b.Conns {
		wg.Go(func() {
			for n := 0; time.Now().Before(until); n++ {
				ticket, author := where(conn, n)
				_, err := q.WriteLine(ctx, db.WriteLineParams{
					TicketID: ticket, Kind: kind, AuthorID: author, Body: text,
					SubmissionID: fmt.Sprintf("limit-%d-%d-%d", run, conn, n), SubmissionHash: make([]byte, 32), Now: time.Now(), SeesAll: true, Plain: true,
				})
				if err != nil {
					faults <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	_, dbRSS := peaks()
	select {
	case err := <-faults:
		return row{}, err
	default:
	}
	rate := float64(done.Load()) / time.Since(start).Seconds()
	after, err := usageOf(b.cluster.PID())
	return row{Work: name, Rate: rate, DBCPU: millis(after.CPU-before.CPU) / millis(max(1, done.Load())), DBRSS: dbRSS}, err
}
