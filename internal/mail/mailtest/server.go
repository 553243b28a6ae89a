// Package mailtest has an SMTP server for tests, which fails where a script says.
package mailtest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
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

// dialogue is one connection.
type dialogue struct {
	server  *Server
	number  int
	conn    net.Conn
	text    *textproto.Conn
	secured bool
	mail    Message
}

// use makes the dialogue continue on the connection.
func (d *dialogue) use(conn net.Conn) { d.conn, d.text = conn, textproto.NewConn(conn) }

// run reads and answers commands until the connection ends.
func (d *dialogue) run() {
	defer d.conn.Close()
	if !d.answer(Connect, "", "220 mail.example.org ESMTP") {
		return
	}
	for {
		line, err := d.text.ReadLine()
		if err != nil || !d.command(line) {
			return
		}
	}
}

// command handles one command. It returns false if the connection is to be closed.
func (d *dialogue) command(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		return d.answer(Ehlo, rest, d.extensions())
	case "STARTTLS":
		return d.startTLS()
	case "AUTH":
		return d.auth(rest)
	case "MAIL":
		d.mail = Message{From: address(rest), Conn: d.number}
		return d.answer(Mail, d.mail.From, "250 2.1.0 ok")
	case "RCPT":
		to := address(rest)
		act := d.server.at(Rcpt, to)
		if act.Reply == "" {
			d.mail.To = append(d.mail.To, to)
		}
		return d.do(act, "250 2.1.5 ok")
	case "DATA":
		return d.data()
	case "QUIT":
		_ = d.text.PrintfLine("221 2.0.0 bye")
		return false
	}
	return d.do(Act{}, "250 2.0.0 ok")
}

// extensions returns the answer to EHLO.
func (d *dialogue) extensions() string {
	all := append([]string{"mail.example.org"}, d.server.more...)
	if d.server.tls != nil && !d.secured && !d.server.implicit {
		all = append(all, "STARTTLS")
	}
	if d.server.login != "" {
		all = append(all, "AUTH PLAIN")
	}
	all = append(all, "ENHANCEDSTATUSCODES")
	for i := range all {
		dash := "-"
		if i+1 == len(all) {
			dash = " "
		}
		all[i] = "250" + dash + all[i]
	}
	return strings.Join(all, "\r\n")
}

// startTLS answers STARTTLS and continues with TLS. It returns false if the dialogue ends.
func (d *dialogue) startTLS() bool {
	if !d.answer(StartTLS, "", "220 2.0.0 go ahead") {
		return false
	}
	d.secured = true
	d.use(tls.Server(d.conn, d.server.tls))
	return true
}

// auth answers AUTH PLAIN. It returns false if the dialogue ends.
func (d *dialogue) auth(rest string) bool {
	_, response, _ := strings.Cut(rest, " ")
	user, password, _ := strings.Cut(d.server.login, ":")
	if response != plainResponse(user, password) {
		return d.do(Act{Reply: "535 5.7.8 wrong password"}, "")
	}
	return d.answer(Auth, rest, "235 2.7.0 welcome")
}

// data answers DATA and receives the message. It returns false if the dialogue ends.
func (d *dialogue) data() bool {
	act := d.server.at(Data, "")
	if act.Reply != "" || act.Drop {
		return d.do(act, "")
	}
	if !d.do(act, "354 go on") {
		return false
	}
	body, err := io.ReadAll(d.text.DotReader())
	if err != nil {
		return false // without a dot: nothing was accepted
	}
	d.mail.Data, d.mail.At = string(body), time.Now()
	act = d.server.at(End, d.mail.Data)
	if act.Reply == "" && !act.Lose || strings.HasPrefix(act.Reply, "2") {
		d.server.accept(d.mail)
	}
	return d.do(act, "250 2.0.0 queued as 4F00D")
}

// answer does what the script says at a step.
func (d *dialogue) answer(step Step, argument, success string) bool {
	act := d.server.at(step, argument)
	return d.do(act, success) && (step != Connect || act.Reply == "")
}

// do waits, answers or closes the connection. It returns false if the connection is to be closed.
func (d *dialogue) do(act Act, success string) bool {
	if act.Wait > 0 {
		time.Sleep(act.Wait)
	}
	if act.Drop {
		return false
	}
	if act.Reply != "" {
		success = act.Reply
	}
	err := d.text.PrintfLine("%s", success)
	return err == nil && !strings.HasPrefix(success, "421")
}

// address returns the address of an argument such as "FROM:<ana@example.org> SIZE=10".
func address(argument string) string {
	_, rest, _ := strings.Cut(argument, "<")
	addr, _, _ := strings.Cut(rest, ">")
	return addr
}
