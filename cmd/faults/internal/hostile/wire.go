package hostile

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/cmd/faults/internal/client"
)

// requests are malformed HTTP requests, by name.
var requests = map[string]string{
	"noise":                     "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
	"no version":                "GET /\r\n\r\n",
	"another version":           "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
	"no host":                   "GET / HTTP/1.1\r\n\r\n",
	"two hosts":                 "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"a bad host":                "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
	"a bad method":              "G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n",
	"a bad escape":              "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
	"a path with a NUL":         "GET /tickets/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
	"dots":                      "GET /static/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
	"escaped dots":              "GET /uploads/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n",
	"two slashes":               "GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"a whole address":           "GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"a tunnel":                  "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
	"a trace":                   "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
	"a large header":            "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n",
	"many headers":              "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: 1\r\n", 10_000) + "\r\n",
	"a long address":            "GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
	"a folded header":           "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
	"a space before a colon":    "GET / HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n",
	"a negative length":         "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
	"two lengths":               "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	"a length and chunks":       "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"an unknown encoding":       "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
	"a bad chunk":               "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
	"a large chunk":             "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
	"a body that ends early":    "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=a",
	"bad cookies":               "GET /tickets HTTP/1.1\r\nHost: x\r\nCookie: =;;;\x01=\x02; frontdesk_session\r\n\r\n",
	"a bad date":                "GET /tickets HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: yesterday\r\nRange: bytes=9-1,-,x\r\nAccept-Encoding: \x01\r\n\r\n",
	"a bad websocket handshake": "GET /api/tickets/1/chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n\r\n",
	"HTTP/2 without TLS":        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

// Raw sends malformed HTTP. The desk may close the connection or answer below 500; the statuses
// 501 and 505 of RFC 9110 are right for unknown encodings and versions.
func Raw(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	for what, text := range requests {
		status, body, err := exchange(ctx, strings.TrimPrefix(t.Base, "http://"), text)
		if err != nil {
			return r, fmt.Errorf("%s: %w", what, err)
		}
		r.Tried++
		if status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported {
			r.failed("%s: answered %d", what, status)
		}
		if strings.Contains(body, "root:") {
			r.reached("%s: the answer is a file of the machine", what)
		}
	}
	return r, t.healthy(ctx)
}

// exchange sends a text and returns the status and the beginning of the answer; 0 if there is none.
func exchange(ctx context.Context, address, text string) (status int, body string, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = conn.Write([]byte(text)) // the desk may close the connection before it has all
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, "", nil
	}
	defer resp.Body.Close()
	start := make([]byte, 4096)
	n, _ := resp.Body.Read(start)
	return resp.StatusCode, string(start[:n]), nil
}

// healthy returns an error if the desk does not serve.
func (t *Target) healthy(ctx context.Context) error {
	a, err := client.New(t.Base).Do(ctx, http.MethodGet, "/ready", nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("the desk is not ready: %d", a.Status)
	}
	return err
}

// frame returns a frame of RFC 6455 that is masked with zeros.
func frame(first byte, payload string) string {
	length := string([]byte{0x80 | byte(len(payload))})
	switch {
	case len(payload) > 0xffff:
		length = "\xff" + string(binary.BigEndian.AppendUint64(nil, uint64(len(payload))))
	case len(payload) > 125:
		length = "\xfe" + string(binary.BigEndian.AppendUint16(nil, uint16(len(payload))))
	}
	return string([]byte{first}) + length + "\x00\x00\x00\x00" + payload
}

const stored = `{"event":"message","data":{"message":"must not be stored"}}`

// frames are malformed or forbidden frames, by name. None of them may store a message.
var frames = map[string]string{
	"an unmasked frame":        "\x81\x02{}",
	"a reserved bit":           frame(0xf1, stored),
	"a reserved opcode":        frame(0x83, stored),
	"a binary message":         frame(0x82, stored),
	"invalid UTF-8":            frame(0x81, "{\"event\":\"message\",\"data\":{\"message\":\"\xff\"}}"),
	"17 KiB":                   frame(0x81, `{"event":"message","data":{"message":"`+strings.Repeat("a", 17<<10)+`"}}`),
	"a length of 2^63":         "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
	"a fragmented ping":        frame(0x09, "ping"),
	"a large ping":             frame(0x89, strings.Repeat("a", 126)),
	"a continuation of none":   frame(0x80, stored),
	"a message in a message":   frame(0x01, `{"event":`) + frame(0x81, stored),
	"a close with one byte":    frame(0x88, "\x03"),
	"a close with a bad code":  frame(0x88, "\x00\x01"),
	"no JSON":                  frame(0x81, "hello"),
	"an array":                 frame(0x81, "[1,2,3]"),
	"deep nesting":             frame(0x81, strings.Repeat("[", 16_000)),
	"an unknown event":         frame(0x81, `{"event":"drop","data":{}}`),
	"data of another type":     frame(0x81, `{"event":"message","data":7}`),
	"a NUL":                    frame(0x81, `{"event":"message","data":{"message":"a\u0000b"}}`),
	"an empty message":         frame(0x81, `{"event":"message","data":{"message":"   "}}`),
	"a long message":           frame(0x81, `{"event":"message","data":{"message":"`+strings.Repeat("a", 3000)+`"}}`),
	"another sender":           frame(0x81, `{"event":"message","data":{"message":"must not be stored","senderId":999999}}`),
	"another ticket":           frame(0x81, `{"event":"message","data":{"message":"must not be stored","ticketId":999999}}`),
	"the room of others":       frame(0x81, `{"event":"join-room","data":999999}`),
	"a key with a NUL":         frame(0x81, `{"event":"message","data":{"message":"must not be stored","clientMsgId":"\u0000"}}`),
	"a key of a thousand":      frame(0x81, `{"event":"message","data":{"message":"must not be stored","clientMsgId":"`+strings.Repeat("k", 1000)+`"}}`),
	"an endless first message": frame(0x01, "{") + strings.Repeat(frame(0x00, " "), 17<<10),
}

// Sockets sends malformed frames.
func Sockets(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	err := t.unchanged(ctx, r, "malformed frames", func() error {
		for what, bytes := range frames {
			if err := t.sendFrame(ctx, r, what, bytes); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		return nil
	})
	return r, errors.Join(err, t.healthy(ctx))
}

// sendFrame sends bytes over a new socket and waits until the desk answers or closes it.
func (t *Target) sendFrame(ctx context.Context, r *Result, what, bytes string) error {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, fmt.Sprintf("ws%s/api/tickets/%d/chat", strings.TrimPrefix(t.Base, "http"), t.Ticket),
		http.Header{"Authorization": {"Bearer " + t.Owner.Token}})
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	_, _ = conn.NetConn().Write([]byte(bytes)) // the desk may close the connection before it has all
	_, text, err := conn.ReadMessage()
	r.Tried++
	switch {
	case err == nil && strings.Contains(string(text), `"internal"`):
		r.failed("%s: answered %s", what, text)
	case err == nil && strings.Contains(string(text), `"ack"`):
		r.reached("%s: acknowledged", what)
	case websocket.IsCloseError(err, websocket.CloseInternalServerErr):
		r.failed("%s: %v", what, err)
	}
	return nil
}
