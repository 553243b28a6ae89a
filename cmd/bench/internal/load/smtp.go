package load

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

// SMTP is a mail server on this machine that accepts every message and drops it.
type SMTP struct {
	Addr string

	server   *smtp.Server
	messages atomic.Int64
}

// StartSMTP starts a server on a free port.
func StartSMTP() (*SMTP, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	s := &SMTP{Addr: listener.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return dropped{&s.messages}, nil }))
	s.server.Domain = "bench.invalid"
	go s.server.Serve(listener)
	return s, nil
}

// Messages returns how many messages the server has accepted.
func (s *SMTP) Messages() int { return int(s.messages.Load()) }

// Stop stops the server.
func (s *SMTP) Stop() { s.server.Close() }

// dropped is a dialogue whose messages are counted and dropped.
type dropped struct{ messages *atomic.Int64 }

func (dropped) Reset()                               {}
func (dropped) Logout() error                        { return nil }
func (dropped) Mail(string, *smtp.MailOptions) error { return nil }
func (dropped) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (d dropped) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if err == nil {
		d.messages.Add(1)
	}
	return err
}
