package live

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
)

// errOneByte is returned for a close frame with one byte of payload. A status code
// takes two bytes, so this is a protocol error (RFC 6455, 5.5.1 and 7.1.5).
// gorilla/websocket treats it like a close frame without a payload.
var errOneByte = errors.New("close frame with one byte")

// hijacker is an [http.ResponseWriter] whose hijacked connections return
// [errOneByte] for such a frame.
type hijacker struct{ http.ResponseWriter }

// Hijack implements [http.Hijacker].
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = tcp.SetWriteBuffer(64 << 10) // a small buffer makes a client that reads nothing time out sooner; optional
	}
	return &watchedConn{Conn: conn}, buffered, nil
}

// watchedConn parses the headers of the frames that are read from it. The Read that
// reaches a close frame of one byte returns the bytes before it; the next Read
// returns [errOneByte].
type watchedConn struct {
	net.Conn
	head  [10]byte // of the frame that is being read, without its mask
	have  int      // bytes of head
	skip  uint64   // bytes of mask and payload that follow
	wrong bool
	ended bool // errOneByte was returned; later bytes are not parsed
}

// Read implements [net.Conn].
func (c *watchedConn) Read(p []byte) (int, error) {
	if c.wrong && !c.ended {
		c.ended = true
		return 0, errOneByte
	}
	n, err := c.Conn.Read(p)
	if c.ended {
		return n, err
	}
	if good := c.follow(p[:n]); good < n {
		return good, nil
	}
	return n, err
}

// follow parses the frame headers in p (RFC 6455, 5.2). It returns the number of bytes
// before the one that completes the header of a close frame of one byte, or len(p) if
// there is no such frame.
func (c *watchedConn) follow(p []byte) int {
	for i := 0; i < len(p); {
		if c.skip > 0 {
			n := min(c.skip, uint64(len(p)-i))
			c.skip -= n
			i += int(n)
			continue
		}
		c.head[c.have] = p[i]
		c.have++
		if size, whole := c.payload(); whole {
			if c.wrong = c.head[0]&0xf == 8 && size == 1; c.wrong {
				return i
			}
			c.have, c.skip = 0, size
			if c.head[1]&0x80 != 0 {
				c.skip += 4 // the mask
			}
		}
		i++
	}
	return len(p)
}

// payload returns the length of the payload in bytes. whole is false until the header is complete.
func (c *watchedConn) payload() (size uint64, whole bool) {
	if c.have < 2 {
		return 0, false
	}
	switch size := uint64(c.head[1] & 0x7f); size {
	case 126:
		return uint64(binary.BigEndian.Uint16(c.head[2:])), c.have == 4
	case 127:
		return binary.BigEndian.Uint64(c.head[2:]) &^ (1 << 63), c.have == 10
	default:
		return size, true
	}
}
