// Package bustest runs a NATS server in the process of a test.
package bustest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a NATS server on a port of 127.0.0.1 that it keeps when it is started again.
type Server struct {
	t        testing.TB
	port     int
	user     string
	password string
	running  *server.Server // nil while it is stopped
}

// Start starts a server, which stops at the end of the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, port: freePort(t)}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

// freePort returns a port that no program uses. It is not one of those that the system chooses for
// connections, so that no other program gets it while the server is stopped.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 10000 + rand.IntN(20000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("there is no free port")
	return 0
}

// URL returns the address of the server, without a user.
func (s *Server) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", s.port) }

// URLOf returns the address of the server for a user.
func (s *Server) URLOf(user, password string) string {
	return fmt.Sprintf("nats://%s:%s@127.0.0.1:%d", user, password, s.port)
}

// Restrict restarts the server, which then accepts one user only.
func (s *Server) Restrict(user, password string) {
	s.t.Helper()
	s.Stop()
	s.user, s.password = user, password
	s.Start()
}

// Start starts the server again after [Server.Stop]. It tries several times, because it
// has been seen not to listen in time under load.
func (s *Server) Start() {
	s.t.Helper()
	for range 10 {
		running, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: s.port, NoLog: true, NoSigs: true, Username: s.user, Password: s.password})
		if err != nil {
			s.t.Fatal(err)
		}
		go running.Start()
		if running.ReadyForConnections(3 * time.Second) {
			s.running = running
			return
		}
		running.Shutdown()
		running.WaitForShutdown()
	}
	s.t.Fatal("the NATS server does not start")
}

// Stop ends the server and its connections. It does nothing if it is stopped.
func (s *Server) Stop() {
	if s.running != nil {
		s.running.Shutdown()
		s.running.WaitForShutdown()
		s.running = nil
	}
}
