package socketio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// receiver handles the messages of a session. Its methods are called one at a time.
type receiver interface {
	// receive handles a message. An error closes the session.
	receive(f frame) error
	// closed is called once, after the last message.
	closed()
}

// engine is the server of Engine.IO.
type engine struct {
	opts   Options
	accept func(*session) receiver // returns the receiver of a new session

	mu       sync.Mutex
	sessions map[string]*session
	down     bool           // shutdown was called
	ending   sync.WaitGroup // sessions that have not ended or whose connection is not closed
}

func newEngine(o Options, accept func(*session) receiver) *engine {
	return &engine{opts: o, accept: accept, sessions: map[string]*session{}}
}

// problem is an error of the protocol, the JSON body of a refused request.
type problem struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// The errors of engine.io 6.6, which clients know by their code.
var (
	problemTransport = problem{0, "Transport unknown"}
	problemSID       = problem{1, "Session ID unknown"}
	problemMethod    = problem{2, "Bad handshake method"}
	problemRequest   = problem{3, "Bad request"}
	problemForbidden = problem{4, "Forbidden"}
	problemVersion   = problem{5, "Unsupported protocol version"}
)

// refuse writes an error as the response.
func refuse(w http.ResponseWriter, status int, p problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // a number and a string
	}
	write(w, status, "application/json", body)
}

// write writes a response with its length, which no cache stores.
func write(w http.ResponseWriter, status int, kind string, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime)) // a server's own limit may be over after a long poll
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // if the client is gone, the next ping ends the session
}

// ServeHTTP implements [http.Handler].
func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	transport, sid := q.Get("transport"), q.Get("sid")
	switch {
	case r.Method == http.MethodOptions: // CORS is up to the caller
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
	case transport != "polling" && transport != "websocket":
		refuse(w, http.StatusBadRequest, problemTransport)
	case q.Get("EIO") != "4":
		refuse(w, http.StatusBadRequest, problemVersion)
	case q.Has("j"): // JSONP would let pages of other origins read responses
		refuse(w, http.StatusBadRequest, problemRequest)
	case sid == "" && r.Method != http.MethodGet:
		refuse(w, http.StatusBadRequest, problemMethod)
	case sid != "":
		e.continueSession(w, r, transport, sid)
	case transport == "websocket":
		e.openSocket(w, r)
	default:
		e.openPolling(w, r)
	}
}

// continueSession handles a request that names a session.
func (e *engine) continueSession(w http.ResponseWriter, r *http.Request, transport, sid string) {
	s := e.find(sid)
	switch {
	case s == nil:
		refuse(w, http.StatusBadRequest, problemSID)
	case transport == "websocket":
		s.serveUpgrade(w, r)
	case r.Method == http.MethodGet:
		s.serveGet(w, r)
	case r.Method == http.MethodPost:
		s.servePost(w, r)
	default:
		refuse(w, http.StatusBadRequest, problemMethod)
	}
}

// find returns the session with an id, or nil if there is none or it has expired.
func (e *engine) find(sid string) *session {
	e.mu.Lock()
	s := e.sessions[sid]
	e.mu.Unlock()
	if s == nil || !s.tick(time.Now()) {
		return nil
	}
	return s
}

// admit calls Options.Open for a request. If it returns an error, the response is written.
func (e *engine) admit(w http.ResponseWriter, r *http.Request) (client any, ok bool) {
	client, err := e.opts.Open(r)
	var refused *OpenError
	switch {
	case err == nil:
		return client, true
	case !errors.As(err, &refused):
		refuse(w, http.StatusServiceUnavailable, problem{problemForbidden.Code, "Service unavailable"})
	default:
		if s := int(refused.RetryAfter.Seconds()); s > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(s))
		}
		refuse(w, cmp.Or(refused.Status, http.StatusForbidden), problem{problemForbidden.Code, refused.Error()})
	}
	return nil, false
}

// add registers a session under its id. It returns false after shutdown.
func (e *engine) add(s *session) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.down {
		return false
	}
	e.sessions[s.id] = s
	e.ending.Add(2) // for end and close
	return true
}

// remove removes a session.
func (e *engine) remove(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s.id)
}

// all returns the sessions.
func (e *engine) all() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*session, 0, len(e.sessions))
	for _, s := range e.sessions {
		all = append(all, s)
	}
	return all
}

// count returns the number of sessions.
func (e *engine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.sessions)
}

// shutdown implements [Server.Shutdown].
func (e *engine) shutdown(ctx context.Context) error {
	e.mu.Lock()
	e.down = true
	e.mu.Unlock()
	for _, s := range e.all() {
		s.close(reasonRestart)
	}
	done := make(chan struct{})
	go func() { e.ending.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
