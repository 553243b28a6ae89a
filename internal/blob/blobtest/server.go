// Package blobtest runs servers of S3 for tests: one in memory and, if it is
// installed, versitygw. Both can fail as a test says.
package blobtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/blob"
)

// The bucket that exists, and its key.
const (
	Bucket = "desk"
	key    = "AKIATEST"
	secret = "a/secret+of=tests"
)

// Server is a server with an empty bucket.
type Server struct {
	t       testing.TB
	backend http.Handler
	front   *httptest.Server
	address string // of the backend, if it is another program
	ended   chan struct{}

	stop     sync.Once
	mu       sync.Mutex
	fails    func(w http.ResponseWriter, r *http.Request) bool
	requests []string
}

// Fake starts a server that keeps objects in memory.
func Fake(t testing.TB) *Server { return serve(t, newFake()) }

// serve starts a server before a backend.
func serve(t testing.TB, backend http.Handler) *Server {
	s := &Server{t: t, backend: backend, ended: make(chan struct{})}
	s.front = httptest.NewServer(s)
	t.Cleanup(s.Stop)
	return s
}

// Fails makes each request call f first. If f returns true, it has answered the request. With
// nil the server works again.
func (s *Server) Fails(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = f
}

// Requests returns the methods and queries of the requests since the last call, such as
// "PUT" or "POST uploads=".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.requests
	s.requests = nil
	return all
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fails := s.fails
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.RawQuery))
	s.mu.Unlock()
	if fails == nil || !fails(w, r) {
		s.backend.ServeHTTP(w, r)
	}
}

// Address returns the address of the bucket.
func (s *Server) Address() blob.Address {
	return blob.Address{Host: s.front.Listener.Addr().String(), Bucket: Bucket, Region: "us-east-1", Key: key, Secret: secret, PlainHTTP: true}
}

// URL returns the address as BLOB_URL.
func (s *Server) URL() string {
	return "s3://" + key + ":a%2Fsecret%2Bof=tests@" + s.front.Listener.Addr().String() + "/" + Bucket + "?tls=off"
}

// Open opens the bucket.
func (s *Server) Open() *blob.Bucket {
	s.t.Helper()
	b, err := blob.OpenBucket(s.Address(), s.t.TempDir())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = b.Close() })
	return b
}

// Hangs makes the server neither read nor answer requests.
func (s *Server) Hangs() {
	s.Fails(func(http.ResponseWriter, *http.Request) bool {
		<-s.ended
		return true
	})
}

// OpenDirect opens the bucket of versitygw without the proxy that makes it fail.
func (s *Server) OpenDirect() *blob.Bucket {
	s.t.Helper()
	a := s.Address()
	a.Host = s.address
	b, err := blob.OpenBucket(a, s.t.TempDir())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = b.Close() })
	return b
}

// Stop ends the server: from now on it refuses connections.
func (s *Server) Stop() {
	s.stop.Do(func() { close(s.ended) })
	s.front.CloseClientConnections()
	s.front.Close()
}

// Refuse returns a function for [Server.Fails] that answers every request with an error of S3.
func Refuse(status int, code string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		fail(w, status, code)
		return true
	}
}

// fail answers with an error of S3.
func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>"))
}

// Backend answers a request as the server does when it works.
func (s *Server) Backend(w http.ResponseWriter, r *http.Request) { s.backend.ServeHTTP(w, r) }
