package limit

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// broadcastWriters is the number of goroutines that write to the sockets of a room: one for each
// core of the machine that the goals are for.
const broadcastWriters = 2

var writeBuffers sync.Pool

// rooms is a server that sends each message from a socket to all sockets of the same path, encoded
// once. It stores nothing, checks nothing and waits for slow readers.
type rooms struct {
	mu   sync.Mutex
	open map[string]*room
}

// room has the sockets of a path. Closed ones stay in it, because a server runs for one
// measurement only.
type room struct {
	mu    sync.Mutex
	seq   int64
	conns []*websocket.Conn
}

func serveSockets() error {
	return serve(&rooms{open: map[string]*room{}})
}

func (s *rooms) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	room := s.room(r.URL.Path, after)
	room.mu.Lock()
	room.conns = append(room.conns, conn)
	room.mu.Unlock()
	go room.read(conn)
}

// room returns the room of a path. It creates the room for the first socket.
func (s *rooms) room(path string, after int64) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[path] == nil {
		s.open[path] = &room{seq: after}
	}
	return s.open[path]
}

func (r *room) read(conn *websocket.Conn) {
	defer conn.Close()
	for {
		var in struct{ Message string }
		if conn.ReadJSON(&in) != nil || r.broadcast(in.Message) != nil {
			return
		}
	}
}

// broadcast sends a message as an update of about the desk's length, in order of seq.
func (r *room) broadcast(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	update := fmt.Appendf(nil, `<div data-from="%d" data-to="%d">%s%s</div>`, r.seq, r.seq+1, text, strings.Repeat(" ", updateBytes))
	r.seq++
	frame, err := websocket.NewPreparedMessage(websocket.TextMessage, update)
	if err != nil {
		return err
	}
	if len(r.conns) == 2 { // a chat of two: goroutines would cost more than the two writes
		return writeAll(frame, r.conns)
	}
	var wg sync.WaitGroup
	failed := make([]error, broadcastWriters)
	for i := range broadcastWriters {
		share := r.conns[i*len(r.conns)/broadcastWriters : (i+1)*len(r.conns)/broadcastWriters]
		wg.Go(func() { failed[i] = writeAll(frame, share) })
	}
	wg.Wait()
	return cmp.Or(failed...)
}

// updateBytes is about how many bytes the desk sends for one chat message in
// addition to its text.
const updateBytes = 1500

func writeAll(frame *websocket.PreparedMessage, conns []*websocket.Conn) error {
	for _, c := range conns {
		if err := c.WritePreparedMessage(frame); err != nil {
			return err
		}
	}
	return nil
}
