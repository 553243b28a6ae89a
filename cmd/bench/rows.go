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
				if err := bareLine(ctx, q, ticket, author, kind, text, fmt.Sprintf("limit-%d-%d-%d", run, conn, n)); err != nil {
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

// rowsPaced is how long PostgreSQL takes to store a chat line and its notification
// for a bare connection, where they come at the pace of [talk.paced].
func (b *bench) rowsPaced(ctx context.Context, places []meeting) (row, error) {
	q := db.New(b.pool)
	start := time.Now()
	var took []time.Duration
	for i := range max(1, int(b.Seconds*paceRun)) {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / paceRun)))
		r, began := places[i%len(places)], time.Now()
		key := fmt.Sprintf("paced-%d-%d", start.UnixNano(), i)
		if err := bareLine(ctx, q, r.ticket, r.people[i%2], db.EventKindMessage, chatLine, key); err != nil {
			return row{}, err
		}
		took = append(took, time.Since(began))
	}
	return newSample(took, time.Since(start)).row("P4's limit: its rows alone, notified, 100 lines a second"), nil
}

// bareLine stores a line as the desk does, and nothing else.
func bareLine(ctx context.Context, q *db.Queries, ticket, author int64, kind db.EventKind, text, key string) error {
	_, err := q.WriteLine(ctx, db.WriteLineParams{
		TicketID: ticket, Kind: kind, AuthorID: author, Body: text,
		SubmissionID: key, SubmissionHash: make([]byte, 32), Now: time.Now(), SeesAll: true,
	})
	return err
}
