package live

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
)

// errOneByte is the error of a close frame with one byte of payload: it has no
// whole status code, and is a protocol error (RFC 6455, 5.5.1 and 7.1.5).
// gorilla/websocket answers it like a close frame without a payload.
var errOneByte = errors.New("close frame with one byte")

// hijacker hands over connections that are watched for that frame.
type hijacker struct{ http.ResponseWriter }

// Hijack implements [http.Hijacker].
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = tcp.SetWriteBuffer(64 << 10) // a reader that hangs is noticed sooner; without, all works too
	}
	return &watchedConn{Conn: conn}, buffered, nil
}

// watchedConn follows the frames that are read from it. The read that comes to a
// close frame of one byte returns what precedes it, and the next one errOneByte.
type watchedConn struct {
	net.Conn
	head  [10]byte // of the frame that is being read, without its mask
	have  int      // bytes of head
	skip  uint64   // bytes of mask and payload that follow
	wrong bool
	ended bool // errOneByte was returned: what follows is not looked at
}

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

// follow reads the heads of frames in p (RFC 6455, 5.2). It returns the number of
// bytes before the one that completes the head of a close frame of one byte.
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

// payload returns the length of the payload, once the head is whole.
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
