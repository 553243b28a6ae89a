package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Timeouts are the limits of the steps of a dialogue. RFC 5321, 4.5.3.2 asks clients to wait
// 10 minutes for the answer to the final dot: those who give up earlier send messages twice.
type Timeouts struct {
	Connect time.Duration
	Command time.Duration // for each answer but the last
	Write   time.Duration // for each block of the message
	End     time.Duration // for the answer to the final dot
}

// DefaultTimeouts are used unless a caller has others.
var DefaultTimeouts = Timeouts{Connect: 20 * time.Second, Command: time.Minute, Write: time.Minute, End: 10 * time.Minute}

// Session is a connection to a server on which messages are sent one after another. It is not safe
// for concurrent use.
type Session struct {
	client *smtp.Client
	conn   net.Conn
	server Server
	count  int  // messages sent
	broken bool // the dialogue is in an unknown state
}

// Dial connects to a server, starts TLS and signs in. Its error is a [*Failure].
func Dial(ctx context.Context, server Server, limits Timeouts) (*Session, error) {
	return dial(ctx, server, limits, nil)
}

// dial is [Dial] that writes the dialogue to trace, unless it is nil.
func dial(ctx context.Context, server Server, limits Timeouts, trace io.Writer) (*Session, error) {
	dialer := net.Dialer{Timeout: limits.Connect, KeepAlive: 30 * time.Second}
	raw, err := dialer.DialContext(ctx, "tcp", server.Addr())
	if err != nil {
		return nil, failure(StepConnect, err)
	}
	conn := net.Conn(&slowWriter{raw, limits.Write})
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	config := &tls.Config{ServerName: server.Host, RootCAs: server.Roots, MinVersion: tls.VersionTLS12}
	s := &Session{server: server, conn: conn}
	if err := s.greet(conn, config, limits, trace); err != nil {
		raw.Close()
		return nil, err
	}
	return s, nil
}

// greet performs the steps before the first message.
func (s *Session) greet(conn net.Conn, config *tls.Config, limits Timeouts, trace io.Writer) error {
	if s.server.Security == TLS {
		secured := tls.Client(conn, config)
		secured.SetDeadline(time.Now().Add(limits.Command))
		if err := secured.Handshake(); err != nil {
			return failure(StepTLS, err)
		}
		conn = secured
	}
	s.client = smtp.NewClient(conn)
	s.client.CommandTimeout, s.client.SubmissionTimeout = limits.Command, limits.End
	if s.server.Security == StartTLS {
		// NewClientStartTLS waits for minutes.
		tooLate := time.AfterFunc(limits.Command, func() { conn.Close() })
		client, err := smtp.NewClientStartTLS(conn, config)
		tooLate.Stop()
		if err != nil {
			return tlsFailure(err)
		}
		s.client = client
		s.client.CommandTimeout, s.client.SubmissionTimeout = limits.Command, limits.End
	}
	if trace != nil {
		s.client.DebugWriter = trace
	}
	if err := s.client.Hello(localName()); err != nil {
		if s.server.Security == StartTLS && !isAnswer(err) {
			return failure(StepTLS, err) // the handshake is part of the first command
		}
		return failure(StepConnect, err)
	}
	return s.auth()
}

// tlsFailure returns the failure of STARTTLS or of a step before it.
func tlsFailure(err error) *Failure {
	if isAnswer(err) {
		f := failure(StepConnect, err)
		if f.Code >= 500 { // 454 and 5xx to STARTTLS, or 5xx at the greeting
			f.Outcome = NotAllowed
		}
		return f
	}
	return failure(StepTLS, err)
}

func isAnswer(err error) bool {
	var answer *smtp.SMTPError
	return errors.As(err, &answer)
}

// auth signs in, if the server has a user.
func (s *Session) auth() error {
	if s.server.User == "" {
		return nil
	}
	var with sasl.Client
	switch {
	case s.client.SupportsAuth(sasl.Plain):
		with = sasl.NewPlainClient("", s.server.User, s.server.Password)
	case s.client.SupportsAuth(sasl.Login):
		with = sasl.NewLoginClient(s.server.User, s.server.Password)
	default:
		return &Failure{Step: StepAuth, Outcome: NotAllowed, Text: "the server does not offer AUTH PLAIN or LOGIN"}
	}
	err := s.client.Auth(with)
	if err == nil {
		return nil
	}
	var answer *smtp.SMTPError
	if errors.As(err, &answer) { // some servers repeat what they do not understand
		err = &smtp.SMTPError{Code: answer.Code, EnhancedCode: answer.EnhancedCode, Message: s.server.hide(answer.Message)}
	}
	return failure(StepAuth, err)
}

// localName returns the name of this machine for EHLO, or an address literal without one.
func localName() string {
	name, err := os.Hostname()
	if err != nil || !strings.Contains(name, ".") || strings.ContainsAny(name, " \r\n") {
		return "[127.0.0.1]"
	}
	return name
}

// fail marks the session as broken if an error leaves the dialogue in an unknown state, and resets
// it after others. It returns err.
func (s *Session) fail(err error) error {
	var f *Failure
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &f) || f.Code == 0 || f.Outcome == TryServerLater || f.Outcome == NotAllowed:
		s.broken = true
	case s.client.Reset() != nil:
		s.broken = true
	}
	return err
}

// Usable reports whether another message can be sent: at most max on one connection.
func (s *Session) Usable(max int) bool { return !s.broken && s.count < max }

// Used reports whether the session has sent a message before. If its next one fails at [StepSender],
// the server may have closed an idle connection.
func (s *Session) Used() bool { return s.count > 0 }

// Close ends the session. It says QUIT if the dialogue allows it.
func (s *Session) Close() {
	if !s.broken {
		s.client.CommandTimeout = 2 * time.Second
		if s.client.Quit() == nil {
			return
		}
	}
	s.conn.Close()
}

// slowWriter limits the time of each Write, because the client sets no limit while it sends data.
type slowWriter struct {
	net.Conn
	limit time.Duration
}

// Write implements io.Writer.
func (w *slowWriter) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(w.limit)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}
