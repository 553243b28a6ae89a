package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"frontdesk/db/dbtest"
)

// balancer divides the connections of Socket.IO among replicas in turn. All other requests go
// to the first replica that is up.
type balancer struct {
	url      string
	affinity bool // a cookie keeps a client at its replica while that is up

	mu       sync.Mutex
	next     int
	replicas []*url.URL
	down     map[int]bool
}

// affinityCookie is the name of the cookie with the number of a client's replica.
const affinityCookie = "replica"

// newBalancer serves a balancer until the test ends.
func newBalancer(t *testing.T, affinity bool, replicas ...string) *balancer {
	t.Helper()
	b := &balancer{affinity: affinity, down: map[int]bool{}}
	for _, r := range replicas {
		u, err := url.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		b.replicas = append(b.replicas, u)
	}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// ServeHTTP implements [http.Handler].
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, is := b.choose(r)
	if b.affinity && is {
		http.SetCookie(w, &http.Cookie{Name: affinityCookie, Value: strconv.Itoa(n), Path: "/"})
	}
	proxy := httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(b.replicas[n]); p.Out.Host = p.In.Host; p.SetXForwarded() },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	proxy.ServeHTTP(w, r)
}

// choose returns the number of the replica for a request, and whether it is a new choice.
func (b *balancer) choose(r *http.Request) (n int, isNew bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasPrefix(r.URL.Path, "/socket.io/") {
		return b.up(0), false
	}
	if c, err := r.Cookie(affinityCookie); b.affinity && err == nil {
		if n, err := strconv.Atoi(c.Value); err == nil && b.up(n) == n {
			return n, false
		}
	}
	n = b.up(b.next)
	b.next = n + 1
	return n, true
}

// up returns the number of the first replica from n on that is up.
func (b *balancer) up(n int) int {
	for i := range b.replicas {
		if m := (n + i) % len(b.replicas); !b.down[m] {
			return m
		}
	}
	return 0
}

// set makes a replica available or not.
func (b *balancer) set(n int, isUp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down[n] = !isUp
}

// twoReplicas serves two replicas on one database, behind a balancer. The functions stop and
// start them by their numbers.
func twoReplicas(t *testing.T, affinity bool) (b *balancer, do map[string]func()) {
	t.Helper()
	database, dir := dbtest.NewURL(t), dataDir(t)
	var replicas [2]*running
	var settings [2][]string
	for n := range replicas {
		settings[n] = unlimited("DATABASE_URL="+database, "DATA_DIR="+dataDir(t), "UPLOAD_DIR="+dir, "JWT_SECRET=eight quiet lamps by seven green doors", "PORT="+freePort(t))
		replicas[n] = serve(t, settings[n]...)
	}
	b = newBalancer(t, affinity, replicas[0].url, replicas[1].url)
	do = map[string]func(){}
	for n := range replicas {
		do[fmt.Sprintf("stop replica %d", n)] = func() {
			b.set(n, false)
			replicas[n].end(t, [2]syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}[n])
		}
		do[fmt.Sprintf("start replica %d", n)] = func() {
			replicas[n] = serve(t, settings[n]...)
			b.set(n, true)
		}
	}
	return b, do
}

func TestAClientOfSocketIORecoversAtAnotherReplica(t *testing.T) {
	t.Parallel()
	b, do := twoReplicas(t, true)
	runSocketIO(t, b.url, do, "replicas with affinity, polling", "replicas with affinity, upgrade")
}

func TestAClientWithWebSocketsAloneNeedsNoAffinity(t *testing.T) {
	t.Parallel()
	b, do := twoReplicas(t, false)
	runSocketIO(t, b.url, do, "replicas without affinity")
}
