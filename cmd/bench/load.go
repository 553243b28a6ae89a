package main

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
)

// load is a closed loop: conns connections, each sending its next request as
// soon as the last one is answered, for as long as the work lasts.
type load struct {
	addr    string
	conns   int
	seconds float64
	// request gives the bytes of the n-th request of a connection.
	request func(conn, n int) []byte
	// want is the status every answer must have; another one fails the work.
	// 0 is any that says that it went well.
	want int
}

// sample is what a load measured.
type sample struct {
	N                   int
	Rate                float64 // answers a second
	P50, P95, P99, Last time.Duration
	Bytes               int // of the largest body, as transferred
}

// run drives the load. Its client parses just enough HTTP/1.1 to find the end
// of an answer, as it shares the two cores with what it measures.
func (l load) run(ctx context.Context) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(l.seconds*float64(time.Second))+30*time.Second)
	defer cancel()
	until := time.Now().Add(time.Duration(l.seconds * float64(time.Second)))
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		all   []time.Duration
		size  int
		fault error
	)
	start := time.Now()
	for i := range l.conns {
		wg.Go(func() {
			took, n, err := l.connection(ctx, i, until)
			mu.Lock()
			defer mu.Unlock()
			all, size = append(all, took...), max(size, n)
			if err != nil && fault == nil {
				fault = err
			}
		})
	}
	wg.Wait()
	if fault != nil {
		return sample{}, fault
	}
	s := newSample(all, time.Since(start))
	s.Bytes = size
	return s, nil
}

// newSample sums up what took so long each, and all together.
func newSample(all []time.Duration, took time.Duration) sample {
	if len(all) == 0 {
		return sample{}
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[min(len(all)-1, int(share*float64(len(all))))] }
	return sample{N: len(all), Rate: float64(len(all)) / took.Seconds(), P50: at(.50), P95: at(.95), P99: at(.99), Last: all[len(all)-1]}
}

// row is the sample as a line of the table.
func (s sample) row(work string) row {
	return row{Work: work, Rate: s.Rate, P50: millis(s.P50), P99: millis(s.P99)}
}

func (l load) connection(ctx context.Context, i int, until time.Time) (took []time.Duration, size int, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.addr)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	r := bufio.NewReaderSize(conn, 64<<10)
	for n := 0; time.Now().Before(until); n++ {
		start := time.Now()
		if _, err := conn.Write(l.request(i, n)); err != nil {
			return took, size, err
		}
		status, body, err := readAnswer(r)
		if err != nil {
			return took, size, err
		}
		if err := l.check(status); err != nil {
			return took, size, err
		}
		took, size = append(took, time.Since(start)), body
	}
	return took, size, nil
}

func (l load) check(status int) error {
	switch {
	case status == l.want, l.want == 0 && status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		return errors.New("answer 429: the server limits how often something may be done; start it without limits")
	case l.want == 0:
		return fmt.Errorf("answer %d", status)
	}
	return fmt.Errorf("answer %d where %d was expected", status, l.want)
}
