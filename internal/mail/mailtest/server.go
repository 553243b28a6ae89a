// Package mailtest has an SMTP server for tests, which fails where a script says.
package mailtest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/mail"
)

// Step is a step of the dialogue as the server sees it.
type Step string

// The steps of a dialogue. End is the final dot.
const (
	Connect  Step = "connect"
	Ehlo     Step = "ehlo"
	StartTLS Step = "starttls"
	Auth     Step = "auth"
	Mail     Step = "mail"
	Rcpt     Step = "rcpt"
	Data     Step = "data"
	End      Step = "end"
)

// Act is what the server does at a step. The zero value is success.
type Act struct {
	Reply string        // instead of success, such as "450 4.7.1 try later"
	Wait  time.Duration // before it answers
	Drop  bool          // close the connection instead of an answer; a message at [End] was accepted
	Lose  bool          // at End with Drop: the message was not accepted
}

// Script returns what the server does at a step. argument is the address of MAIL and RCPT, and the
// message at End.
type Script func(step Step, argument string) Act

// Message is a message that the server has accepted.
type Message struct {
	From string
	To   []string
	Data string
	At   time.Time
	Conn int // counts connections, from 1
}

// Header returns the decoded header of the message.
func (m Message) Header() textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(strings.NewReader(m.Data))).ReadMIMEHeader()
	return h
}

// Server is a running server.
type Server struct {
	listener net.Listener
	tls      *tls.Config // nil without STARTTLS
	login    string      // "user:password"; "" without AUTH
	more     []string    // further extensions
	implicit bool        // TLS from the first byte

	mu       sync.Mutex
	script   Script
	messages []Message
	conns    int
	arrived  chan struct{}
}

// Option changes a server before it starts.
type Option func(*Server)

// WithTLS makes the server offer STARTTLS with a certificate.
func WithTLS(cert tls.Certificate) Option {
	return func(s *Server) { s.tls = &tls.Config{Certificates: []tls.Certificate{cert}} }
}

// WithImplicitTLS makes the server speak TLS from the first byte.
func WithImplicitTLS(cert tls.Certificate) Option {
	return func(s *Server) { WithTLS(cert)(s); s.implicit = true }
}

// WithLogin makes the server require AUTH.
func WithLogin(user, password string) Option {
	return func(s *Server) { s.login = user + ":" + password }
}

// WithExtension makes the server announce an extension, such as "SIZE 1000".
func WithExtension(line string) Option {
	return func(s *Server) { s.more = append(s.more, line) }
}

// New starts a server on a free port of this machine. It stops at the end of the test.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{script: func(Step, string) Act { return Act{} }, arrived: make(chan struct{}, 1)}
	for _, o := range options {
		o(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = l
	t.Cleanup(func() { l.Close() })
	go s.serve()
	return s
}

// Follow makes the server follow a script from now on; nil is success at every step.
func (s *Server) Follow(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if script == nil {
		script = func(Step, string) Act { return Act{} }
	}
	s.script = script
}

// FailAt makes the server do something at one step, and succeed at all others.
func (s *Server) FailAt(step Step, act Act) {
	s.Follow(func(at Step, _ string) Act {
		if at == step {
			return act
		}
		return Act{}
	})
}

// Target returns the server for [mail.Dial].
func (s *Server) Target() mail.Server {
	addr := s.listener.Addr().(*net.TCPAddr)
	t := mail.Server{Host: "127.0.0.1", Port: addr.Port, Security: mail.NoTLS}
	if s.tls != nil {
		t.Security, t.Roots = mail.StartTLS, x509.NewCertPool()
		if leaf, err := x509.ParseCertificate(s.tls.Certificates[0].Certificate[0]); err == nil {
			t.Roots.AddCert(leaf)
		}
	}
	if s.implicit {
		t.Security = mail.TLS
	}
	t.User, t.Password, _ = strings.Cut(s.login, ":")
	return t
}

// Messages returns the accepted messages in their order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Connections returns how many connections were opened.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// Await waits until the server has accepted n messages, and fails the test after a minute.
func (s *Server) Await(t testing.TB, n int) []Message {
	t.Helper()
	end := time.After(time.Minute)
	for {
		if got := s.Messages(); len(got) >= n {
			return got
		}
		select {
		case <-s.arrived:
		case <-end:
			t.Fatalf("%d messages arrived, want %d", len(s.Messages()), n)
		}
	}
}

// serve accepts connections until the listener is closed.
func (s *Server) serve() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns++
		n := s.conns
		s.mu.Unlock()
		if s.implicit {
			conn = tls.Server(conn, s.tls)
		}
		d := &dialogue{server: s, number: n}
		d.use(conn)
		go d.run()
	}
}

// at returns what the script says.
func (s *Server) at(step Step, argument string) Act {
	s.mu.Lock()
	script := s.script
	s.mu.Unlock()
	return script(step, argument)
}

// accept stores a message and wakes a waiting test.
func (s *Server) accept(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}
