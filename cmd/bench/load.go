package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
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
	want int
}

// sample is what a load measured.
type sample struct {
	N              int
	Rate           float64 // answers a second
	P50, P99, Last time.Duration
	Bytes          int // of the last body, as transferred
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
	return sample{N: len(all), Rate: float64(len(all)) / took.Seconds(), P50: at(.50), P99: at(.99), Last: all[len(all)-1]}
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
		if status != l.want {
			return took, size, fmt.Errorf("answer %d where %d was expected", status, l.want)
		}
		took, size = append(took, time.Since(start)), body
	}
	return took, size, nil
}

// readAnswer reads one answer and returns its status and the size of its body.
func readAnswer(r *bufio.Reader) (status, size int, err error) {
	length, chunked := -1, false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, 0, fmt.Errorf("not an HTTP answer: %q", line)
			}
			status, _ = strconv.Atoi(string(line[9:12]))
		case len(line) == 0:
			if chunked {
				return status, 0, discardChunks(r)
			}
			if length > 0 {
				_, err = r.Discard(length)
			}
			return status, max(length, 0), err
		default:
			name, value, _ := bytes.Cut(line, []byte(":"))
			if bytes.EqualFold(name, []byte("Content-Length")) {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
			chunked = chunked || bytes.EqualFold(name, []byte("Transfer-Encoding"))
		}
	}
}

func discardChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace([]byte(line))), 16, 64)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r, n+2); err != nil || n == 0 {
			return err
		}
	}
}

// get builds a GET request with the given session cookie.
func get(path, cookie string, gzip bool) []byte {
	return request(http.MethodGet, path, cookie, gzip, "")
}

// post builds a form POST as a browser of the same origin sends it.
func post(path, cookie, body string) []byte {
	return request(http.MethodPost, path, cookie, false, body)
}

func request(method, path, cookie string, gzip bool, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\nSec-Fetch-Site: same-origin\r\n", method, path)
	if cookie != "" {
		fmt.Fprintf(&b, "Cookie: %s\r\n", cookie)
	}
	if gzip {
		b.WriteString("Accept-Encoding: gzip\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.WriteString(body)
	return b.Bytes()
}
