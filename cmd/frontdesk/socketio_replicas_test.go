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
	next     int        // the first candidate for the next connection
	replicas []*url.URL // nil for one that is down
}

// affinityCookie is the name of the cookie with the number of a client's replica.
const affinityCookie = "replica"

// newBalancer serves a balancer until the test ends. Its replicas are set later.
func newBalancer(t *testing.T, affinity bool, replicas int) *balancer {
	t.Helper()
	b := &balancer{affinity: affinity, replicas: make([]*url.URL, replicas)}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// ServeHTTP implements [http.Handler].
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, to, isNew := b.choose(r)
	if to == nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if b.affinity && isNew {
		http.SetCookie(w, &http.Cookie{Name: affinityCookie, Value: strconv.Itoa(n), Path: "/"})
	}
	proxy := httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(to); p.Out.Host = p.In.Host; p.SetXForwarded() },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	proxy.ServeHTTP(w, r)
}

// choose returns the number and the address of the replica for a request, and whether it is
// a new choice. The address is nil if all are down.
func (b *balancer) choose(r *http.Request) (n int, to *url.URL, isNew bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.HasPrefix(r.URL.Path, "/socket.io/") {
		n = b.up(0)
		return n, b.replicas[n], false
	}
	if c, err := r.Cookie(affinityCookie); b.affinity && err == nil {
		if n, err := strconv.Atoi(c.Value); err == nil && b.replicas[n] != nil {
			return n, b.replicas[n], false
		}
	}
	n = b.up(b.next)
	b.next = n + 1
	return n, b.replicas[n], true
}

// up returns the number of the first replica from n on that is up. The caller has locked mu.
func (b *balancer) up(n int) int {
	for i := range b.replicas {
		if m := (n + i) % len(b.replicas); b.replicas[m] != nil {
			return m
		}
	}
	return 0
}

// set changes the address of a replica; nil is down.
func (b *balancer) set(n int, to *url.URL) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replicas[n] = to
}

// twoReplicas serves two replicas on one database, behind a balancer. The functions stop and
// start them by their numbers: the first by SIGTERM, the second by SIGKILL.
func twoReplicas(t *testing.T, affinity bool) (b *balancer, do map[string]func()) {
	t.Helper()
	b, do = newBalancer(t, affinity, 2), map[string]func(){}
	shared := []string{"DATABASE_URL=" + dbtest.NewURL(t), "UPLOAD_DIR=" + dataDir(t), "JWT_SECRET=eight quiet lamps by seven green doors"}
	for n, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		settings := unlimited(append(shared, "DATA_DIR="+dataDir(t))...)
		var replica *running
		start := func() {
			replica = serve(t, settings...)
			to, err := url.Parse(replica.url)
			if err != nil {
				t.Fatal(err)
			}
			b.set(n, to)
		}
		start()
		do[fmt.Sprintf("start replica %d", n)] = start
		do[fmt.Sprintf("stop replica %d", n)] = func() { b.set(n, nil); replica.end(t, sig) }
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
