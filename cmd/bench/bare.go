package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The limit of sockets is a bare gorilla server: what one says goes to all who
// opened the same path, encoded once. It stores nothing, checks nothing and
// waits for slow readers. It runs in a process of its own, as the desk does.

// bareArg, as a program's only argument, makes it that server.
const bareArg = "serve-bare"

// bareWriters share a line's sockets among them, one a core of the goal's machine.
const bareWriters = 2

type bareServer struct {
	mu    sync.Mutex
	rooms map[string]*bareRoom
}

type bareRoom struct {
	mu    sync.Mutex
	place int64
	conns []*websocket.Conn
}

func startBare(ctx context.Context) (*program, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startCommand(ctx, exec.CommandContext(ctx, self, bareArg))
}

func serveBare() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("ready at http://%s\n", listener.Addr())
	s := &bareServer{rooms: map[string]*bareRoom{}}
	return (&http.Server{Handler: http.HandlerFunc(s.join), ReadHeaderTimeout: time.Second}).Serve(listener)
}

func (s *bareServer) join(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	place, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	s.mu.Lock()
	room := s.rooms[r.URL.Path]
	if room == nil {
		room = &bareRoom{place: place}
		s.rooms[r.URL.Path] = room
	}
	s.mu.Unlock()
	room.mu.Lock()
	room.conns = append(room.conns, conn)
	room.mu.Unlock()
	go room.read(conn)
}

func (r *bareRoom) read(conn *websocket.Conn) {
	defer conn.Close()
	for {
		var said struct{ Message string }
		if conn.ReadJSON(&said) != nil || r.tell(said.Message) != nil {
			return
		}
	}
}

// tell sends a line, as long as the desk's news of one, in the order of places.
func (r *bareRoom) tell(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := fmt.Appendf(nil, `<div data-from="%d" data-to="%d">%s%s</div>`, r.place, r.place+1, text, strings.Repeat(" ", newsBytes))
	r.place++
	frame, err := websocket.NewPreparedMessage(websocket.TextMessage, news)
	if err != nil {
		return err
	}
	if len(r.conns) == 2 {
		return writeAll(frame, r.conns)
	}
	var wg sync.WaitGroup
	for i := range bareWriters {
		share := r.conns[i*len(r.conns)/bareWriters : (i+1)*len(r.conns)/bareWriters]
		wg.Go(func() { err = writeAll(frame, share) })
	}
	wg.Wait()
	return err
}

// newsBytes is about what the desk sends of one chat line beside its text.
const newsBytes = 1500

func writeAll(frame *websocket.PreparedMessage, conns []*websocket.Conn) error {
	for _, c := range conns {
		if err := c.WritePreparedMessage(frame); err != nil {
			return err
		}
	}
	return nil
}
