package live

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gorilla/websocket"
)

// frame returns a masked frame of a client (RFC 6455, 5.2). The mask is zero.
func frame(opcode byte, payload []byte) []byte {
	head := []byte{0x80 | opcode, 0x80}
	switch n := len(payload); {
	case n < 126:
		head[1] |= byte(n)
	case n < 1<<16:
		head = []byte{head[0], 0x80 | 126, byte(n >> 8), byte(n)}
	default:
		head = []byte{head[0], 0x80 | 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	return append(append(head, 0, 0, 0, 0), payload...)
}

func TestACloseFrameOfOneByteIsAProtocolError(t *testing.T) {
	w := newWorld(t)
	for what, c := range map[string]struct {
		sent []byte
		want int
	}{
		"one byte":                    {frame(8, []byte{3}), websocket.CloseProtocolError},
		"one byte after a message":    {append(frame(1, []byte("hello")), frame(8, []byte{0})...), websocket.CloseProtocolError},
		"one byte and a frame behind": {append(frame(8, []byte{3}), frame(1, []byte("more"))...), websocket.CloseProtocolError},
		"nothing":                     {frame(8, nil), websocket.CloseNoStatusReceived},
		"a code":                      {frame(8, []byte{3, 232}), websocket.CloseNormalClosure},
		"a code that is none":         {frame(8, []byte{0, 1}), websocket.CloseProtocolError},
	} {
		conn, _, err := w.dial("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.NetConn().Write(c.sent); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		if !websocket.IsCloseError(err, c.want) {
			t.Errorf("%s: closed by %v, want %d", what, err, c.want)
		}
		conn.Close()
	}
}

// stream is a connection whose incoming bytes come from its reader.
type stream struct {
	net.Conn
	io.Reader
}

// Read implements [io.Reader].
func (s stream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func TestFramesAreFollowedWhateverPiecesTheyComeIn(t *testing.T) {
	t.Parallel()
	var good []byte
	for _, size := range []int{0, 1, 5, 125, 126, 300, 65535, 65536, 70_000} {
		good = append(good, frame(1, make([]byte, size))...)
	}
	good = append(append(good, frame(9, []byte{8})...), frame(8, []byte{3, 232})...)
	bad := append(append([]byte{}, good...), frame(8, []byte{8})...)
	pieces := map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader}
	for what, cut := range pieces {
		got, err := io.ReadAll(&watchedConn{Conn: stream{Reader: cut(bytes.NewReader(good))}})
		if err != nil || len(got) != len(good) {
			t.Errorf("%s: %d bytes and %v, want %d", what, len(got), err, len(good))
		}
		got, err = io.ReadAll(&watchedConn{Conn: stream{Reader: cut(bytes.NewReader(bad))}})
		if !errors.Is(err, errOneByte) {
			t.Fatalf("%s: got the error %v, want %v", what, err, errOneByte)
		}
		if len(got) != len(good)+1 {
			t.Errorf("%s: got %d bytes, want %d: %q", what, len(got), len(good)+1, got)
		}
	}
}
