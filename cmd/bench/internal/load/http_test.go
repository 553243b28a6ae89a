package load

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestASampleHasARateAndPercentiles(t *testing.T) {
	t.Parallel()
	var all []time.Duration
	for n := 100; n >= 1; n-- {
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	s := NewSample(all, 2*time.Second)
	if s.N != 100 {
		t.Errorf("the number of answers is %d, want 100", s.N)
	}
	if s.Rate != 50 {
		t.Errorf("the rate is %v, want 50", s.Rate)
	}
	got := []time.Duration{s.P50, s.P95, s.P99, s.Last}
	want := []time.Duration{51 * time.Millisecond, 96 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond}
	if !slices.Equal(got, want) {
		t.Errorf("p50, p95, p99, last: %v, want %v", got, want)
	}
	if none := NewSample(nil, time.Second); none != (Sample{}) {
		t.Errorf("of no answers: got %+v, want the zero value", none)
	}
}

func TestTheAnswerReaderFindsTheEndOfEveryAnswer(t *testing.T) {
	t.Parallel()
	r := bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" +
		"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\n\r\n" +
		"HTTP/1.1 303 See Other\r\nlocation: /\r\ncontent-length:0\r\n\r\n" +
		"HTTP/1.1 204 No Content\r\n\r\n" + "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"))
	for _, want := range [][2]int{{200, 5}, {201, 13}, {303, 0}, {204, 0}} {
		status, size, err := ReadAnswer(r)
		if err != nil {
			t.Fatal(err)
		}
		if status != want[0] {
			t.Fatalf("the status is %d, want %d", status, want[0])
		}
		if size != want[1] {
			t.Fatalf("the size is %d, want %d", size, want[1])
		}
	}
	if _, _, err := ReadAnswer(r); err == nil {
		t.Error("an answer that was cut off is accepted as whole")
	}
	if _, _, err := ReadAnswer(bufio.NewReader(strings.NewReader("what?\r\n"))); err == nil {
		t.Error("a line that is not HTTP is accepted as an answer")
	}
}

func TestTheSizeOfASampleIsThatOfTheLargestBody(t *testing.T) {
	t.Parallel()
	var answered atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answered.Add(1) == 1 {
			_, _ = io.WriteString(w, "a long body")
		}
	}))
	defer srv.Close()
	addr := strings.TrimPrefix(srv.URL, "http://")
	s, err := HTTP{Addr: addr, Conns: 1, Seconds: .1, Request: func(int, int) []byte { return Get("/", "", "") }}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.N < 2 || s.Bytes != len("a long body") {
		t.Errorf("%d bytes after %d answers, want %d", s.Bytes, s.N, len("a long body"))
	}
}

func TestALoadAcceptsOnlyTheStatusItWants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, status int
		ok           bool
	}{{200, 200, true}, {200, 201, false}, {303, 303, true}, {0, 201, true}, {0, 500, false}, {0, 429, false}} {
		if err := (HTTP{Want: c.want}).Check(c.status); (err == nil) != c.ok {
			t.Errorf("answer %d, want %d: %v", c.status, c.want, err)
		}
	}
}
