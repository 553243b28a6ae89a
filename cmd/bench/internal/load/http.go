// Package load sends requests and chat messages to a server and measures how long each takes.
package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"frontdesk/cmd/bench/internal/report"
)

// HTTP is a closed loop: each connection sends its next request as soon as the
// previous one is answered, until the time is over.
type HTTP struct {
	Addr    string // host:port
	Conns   int
	Seconds float64
	// Request returns the bytes of the n-th request of a connection.
	Request func(conn, n int) []byte
	// Want is the status that every answer must have; Run fails at any other.
	// Zero means any status from 200 to 299.
	Want int
}

// Sample is the result of a load.
type Sample struct {
	N                   int
	Rate                float64 // answers per second
	P50, P95, P99, Last time.Duration
	Bytes               int // size of the largest body, as transferred
}

// Run sends the load and returns its sample, or the first error. Its client parses
// only as much HTTP/1.1 as is needed to find the end of an answer, as it shares
// the cores with the server.
func (l HTTP) Run(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(l.Seconds*float64(time.Second))+30*time.Second)
	defer cancel()
	until := time.Now().Add(time.Duration(l.Seconds * float64(time.Second)))
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		all    []time.Duration
		size   int
		failed error
	)
	start := time.Now()
	for i := range l.Conns {
		wg.Go(func() {
			took, n, err := l.connection(ctx, i, until)
			mu.Lock()
			defer mu.Unlock()
			all, size = append(all, took...), max(size, n)
			if err != nil && failed == nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return Sample{}, failed
	}
	s := NewSample(all, time.Since(start))
	s.Bytes = size
	return s, nil
}

// NewSample returns the sample of requests with the durations all, measured over took.
func NewSample(all []time.Duration, took time.Duration) Sample {
	if len(all) == 0 {
		return Sample{}
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[min(len(all)-1, int(share*float64(len(all))))] }
	return Sample{N: len(all), Rate: float64(len(all)) / took.Seconds(), P50: at(.50), P95: at(.95), P99: at(.99), Last: all[len(all)-1]}
}

// Row returns the sample as a row of the report.
func (s Sample) Row(work string) report.Row {
	return report.Row{Work: work, Rate: s.Rate, P50: report.Millis(s.P50), P99: report.Millis(s.P99)}
}

// connection sends requests over one connection until the time is over and
// returns how long each took, and the size of the largest body.
func (l HTTP) connection(ctx context.Context, i int, until time.Time) (took []time.Duration, size int, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	r := bufio.NewReaderSize(conn, 64<<10)
	for n := 0; time.Now().Before(until); n++ {
		start := time.Now()
		if _, err := conn.Write(l.Request(i, n)); err != nil {
			return took, size, err
		}
		status, body, err := ReadAnswer(r)
		if err != nil {
			return took, size, err
		}
		if err := l.Check(status); err != nil {
			return took, size, err
		}
		took, size = append(took, time.Since(start)), max(size, body)
	}
	return took, size, nil
}

// Check returns an error if status is not a status that l wants.
func (l HTTP) Check(status int) error {
	switch {
	case status == l.Want, l.Want == 0 && status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		return errors.New("answer 429: the server limits how often something may be done; start it without limits")
	case l.Want == 0:
		return fmt.Errorf("answer %d", status)
	}
	return fmt.Errorf("answer %d where %d was expected", status, l.Want)
}
