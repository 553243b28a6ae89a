package limit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/internal/process"
)

// Rows stores the rows of comments or chat messages with the query of the desk, over a pool of as
// many connections as the desk has, and does nothing else.
type Rows struct {
	Bed     *testbed.Bed
	Writers int // how many write at the same time
	Seconds float64
	Kind    db.EventKind
	Text    string
	// Where returns the ticket and the author of the n-th row of a writer.
	Where func(writer, n int) (ticket, author int64)
}

// Measure stores rows as fast as possible and returns the row of the report.
func (r Rows) Measure(ctx context.Context, name string) (report.Row, error) {
	database := r.Bed.Cluster.PID()
	before, err := process.UsageOf(database)
	if err != nil {
		return report.Row{}, err
	}
	peaks := process.WatchMemory(0, database)
	start := time.Now()
	n, err := r.store(ctx)
	_, dbRSS := peaks()
	if err != nil {
		return report.Row{}, err
	}
	rate := float64(n) / time.Since(start).Seconds()
	after, err := process.UsageOf(database)
	return report.Row{Work: name, Rate: rate, DBCPU: report.Millis(after.CPU-before.CPU) / report.Millis(max(1, n)), DBRSS: dbRSS}, err
}

// store writes rows with all writers until the time is over, and returns how many.
func (r Rows) store(ctx context.Context) (int64, error) {
	length := time.Duration(r.Seconds * float64(time.Second))
	ctx, cancel := context.WithTimeout(ctx, length+30*time.Second)
	defer cancel()
	until, run := time.Now().Add(length), time.Now().UnixNano()
	var done atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, r.Writers)
	for writer := range r.Writers {
		wg.Go(func() {
			for n := 0; time.Now().Before(until); n++ {
				ticket, author := r.Where(writer, n)
				if err := r.write(ctx, ticket, author, fmt.Sprintf("limit-%d-%d-%d", run, writer, n)); err != nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return done.Load(), nil
	}
}

// Paced stores rows one by one at the pace of [load.Chat.Paced] and returns how
// long each took. Where is called for writer 0.
func (r Rows) Paced(ctx context.Context) (load.Sample, error) {
	start := time.Now()
	var took []time.Duration
	for i := range max(1, int(r.Seconds*load.PacedRate)) {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / load.PacedRate)))
		began := time.Now()
		ticket, author := r.Where(0, i)
		if err := r.write(ctx, ticket, author, fmt.Sprintf("paced-%d-%d", start.UnixNano(), i)); err != nil {
			return load.Sample{}, err
		}
		took = append(took, time.Since(began))
	}
	return load.NewSample(took, time.Since(start)), nil
}

// write stores one comment or message with the query that the desk uses.
func (r Rows) write(ctx context.Context, ticket, author int64, key string) error {
	_, err := db.New(r.Bed.Pool).WriteComment(ctx, db.WriteCommentParams{
		TicketID: ticket, Kind: r.Kind, AuthorID: author, Body: r.Text,
		SubmissionID: key, SubmissionHash: make([]byte, 32), Now: time.Now(), Reach: "all",
	})
	return err
}
