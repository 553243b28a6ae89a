package trials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/cmd/faults/internal/client"
	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/internal/process"
)

// openSocket opens a socket on a ticket. buffer is the size of the receive buffer of the kernel
// in bytes; 0 is the choice of the system.
func openSocket(ctx context.Context, c *client.Client, ticket int64, buffer int) (*websocket.Conn, error) {
	from := &net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		if buffer == 0 {
			return nil
		}
		var err error
		return errors.Join(raw.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, buffer)
		}), err)
	}}
	d := websocket.Dialer{NetDialContext: from.DialContext, HandshakeTimeout: 5 * time.Second}
	address := fmt.Sprintf("ws%s/api/tickets/%d/chat", strings.TrimPrefix(c.Base, "http"), ticket)
	conn, _, err := d.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + c.Token}})
	return conn, err
}

// floodTime is how long a client floods.
const floodTime = 3 * time.Second

// flood sends messages over four sockets as fast as the desk takes the bytes.
func flood(ctx context.Context, s *Stage) (comparison.Row, error) {
	customer, _, ticket, err := s.signIn(ctx)
	if err != nil {
		return comparison.Row{}, err
	}
	return s.beside(ctx, func(ctx context.Context) error {
		return atOnce(4, func(i int) error {
			conn, err := openSocket(ctx, customer, ticket, 0)
			if err != nil {
				return err
			}
			defer conn.Close()
			return floodOver(conn, i)
		})
	})
}

// floodOver floods one socket. It returns an error if the desk takes more messages than its
// limit, or does not close the socket.
func floodOver(conn *websocket.Conn, nr int) error {
	start := time.Now()
	var taken atomic.Int64
	ended := make(chan error, 1)
	go func() { ended <- countAcks(conn, &taken) }()
	for i := 0; time.Since(start) < floodTime; i++ {
		_ = conn.SetWriteDeadline(start.Add(floodTime))
		text := fmt.Sprintf(`{"event":"message","data":{"message":"flood %d of %d","clientMsgId":"flood-%d-%d-%d"}}`, i, nr, nr, i, start.UnixNano())
		if conn.WriteMessage(websocket.TextMessage, []byte(text)) != nil {
			break
		}
	}
	_ = conn.SetReadDeadline(start.Add(floodTime + time.Second))
	err := <-ended
	if most := 20 + 10*int64(time.Since(start).Seconds()+1); taken.Load() > most {
		return fmt.Errorf("%d messages were taken, more than %d", taken.Load(), most)
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return errors.New("a flooding socket was not closed")
	}
	return nil
}

// countAcks counts acknowledgements until the socket ends.
func countAcks(conn *websocket.Conn, taken *atomic.Int64) error {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		var e struct{ Event string }
		if json.Unmarshal(text, &e) == nil && e.Event == "ack" {
			taken.Add(1)
		}
	}
}

// stuckReader opens a socket that reads nothing while long messages are sent on its ticket.
func stuckReader(ctx context.Context, s *Stage) (comparison.Row, error) {
	customer, agent, ticket, err := s.signIn(ctx)
	if err != nil {
		return comparison.Row{}, err
	}
	return s.beside(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		stuck, err := openSocket(ctx, customer, ticket, 8<<10)
		if err != nil {
			return err
		}
		defer stuck.Close()
		if err := postLong(ctx, agent, ticket, 2000); err != nil {
			return err
		}
		for isOpen, _ := process.EndOf(stuck.RemoteAddr(), stuck.LocalAddr()); isOpen; isOpen, _ = process.EndOf(stuck.RemoteAddr(), stuck.LocalAddr()) {
			if ctx.Err() != nil {
				return errors.New("the socket that reads nothing is still open")
			}
			sleep(ctx, 50*time.Millisecond)
		}
		return nil
	})
}

// postLong posts n messages of 2,000 characters.
func postLong(ctx context.Context, c *client.Client, ticket int64, n int) error {
	path, text := fmt.Sprintf("/api/tickets/%d/messages", ticket), strings.Repeat("long ", 390)
	const senders = 8
	return atOnce(senders, func(i int) error {
		for j := range n / senders {
			a, err := c.JSON(ctx, http.MethodPost, path, map[string]string{"message": fmt.Sprintf("%s %d of %d", text, j, i)})
			if err == nil && a.Status != http.StatusCreated {
				err = fmt.Errorf("answered %d: %.200s", a.Status, a.Body)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
