package web

import (
	"bytes"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// NewListener returns l with connections that replace the head of net/http's own refusals
// by refusal; see [Env.RefusalHead]. net/http refuses what it cannot read as a request,
// such as the path "/%zz", before any handler runs, and has no setting for those headers.
func NewListener(l net.Listener, refusal string) net.Listener { return listener{l, refusal} }

type listener struct {
	net.Listener
	head string
}

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &refusingConn{tcp, l.head}, err
	}
	return conn, err
}

// bareHead is the whole head of a refusal of net/http, after its status line. A
// handler's answer has a date and other fields there.
const bareHead = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// refusingConn is a connection that writes head instead of bareHead.
type refusingConn struct {
	*net.TCPConn
	head string
}

func (c *refusingConn) Write(p []byte) (int, error) {
	end := bytes.IndexByte(p, '\r')
	if end < 0 || !bytes.HasPrefix(p, []byte("HTTP/1.1 ")) || !bytes.HasPrefix(p[end:], []byte(bareHead)) {
		return c.TCPConn.Write(p)
	}
	whole := append(append(bytes.Clone(p[:end]), c.head...), p[end+len(bareHead):]...)
	if _, err := c.TCPConn.Write(whole); err != nil {
		return 0, err
	}
	return len(p), nil
}

// RefusalHead returns the head of refusals with the security headers of every answer.
func (s *Env) RefusalHead() string {
	h := http.Header{}
	s.secureHeaders(h)
	h.Set(echo.HeaderContentType, "text/plain; charset=utf-8")
	h.Set(echo.HeaderConnection, "close")
	h.Set(echo.HeaderCacheControl, "no-store")
	var b strings.Builder
	_ = h.Write(&b) // a builder does not fail
	return "\r\n" + b.String() + "\r\n"
}
