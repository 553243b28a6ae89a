package people

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/cmd/faults/internal/journal"
)

// event is a message on the socket, in both directions.
type event struct {
	Event string          `json:"event"`
	Seq   int64           `json:"seq"`
	Data  json.RawMessage `json:"data"`
}

// answer is the answer to a message.
type answer struct {
	Type, ClientMsgID, Error, Message string
	Seq                               int64
}

// listen keeps a socket open until ctx ends.
func (p *Person) listen(ctx context.Context) {
	wait := 20 * time.Millisecond
	for ctx.Err() == nil {
		address := fmt.Sprintf("ws%s/api/tickets/%d/chat?after=%d", strings.TrimPrefix(p.address(), "http"), p.ticket, p.seq())
		conn, resp, err := p.dial.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + p.token}})
		if err == nil {
			wait = 20 * time.Millisecond
			p.receive(ctx, conn)
			continue
		}
		if resp != nil && resp.StatusCode == http.StatusInternalServerError {
			p.crowd.failedInternally()
		}
		p.moveOn()
		time.Sleep(wait/2 + rand.N(wait))
		wait = min(2*wait, 500*time.Millisecond)
	}
}

// receive handles the events of one connection until it ends.
func (p *Person) receive(ctx context.Context, conn *websocket.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	p.setConn(conn)
	defer p.setConn(nil)
	for {
		// The desk pings every 25 s. A connection that was cut without a FIN is given up then.
		_ = conn.SetReadDeadline(time.Now().Add(40 * time.Second))
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		p.handle(text)
	}
}

// setConn stores the connection of the socket; nil while there is none.
func (p *Person) setConn(conn *websocket.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = conn
	select {
	case <-p.connected:
	default:
		close(p.connected)
	}
}

// handle handles one event.
func (p *Person) handle(text []byte) {
	var e event
	if json.Unmarshal(text, &e) != nil {
		p.show(Item{Kind: "unreadable", Text: string(text)})
		return
	}
	switch e.Event {
	case "message", "comment":
		var data struct{ Message, Text string }
		_ = json.Unmarshal(e.Data, &data) // without a text it differs from the log
		p.show(Item{Seq: e.Seq, Kind: e.Event, Text: data.Message + data.Text})
	case "updated", "note":
		p.advance(e.Seq)
	default:
		var a answer
		if json.Unmarshal(e.Data, &a) != nil || a.Type == "" {
			_ = json.Unmarshal(text, &a) // the refusal of a message over the rate has no event around it
		}
		select {
		case p.answers <- a:
		default: // for a message that is no longer awaited
		}
	}
}

// advance stores the seq after which the person continues with another socket.
func (p *Person) advance(seq int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = max(p.last, seq)
}

// show records an item as it arrived, and the delay of an item of another person.
func (p *Person) show(i Item) {
	now := time.Now()
	p.mu.Lock()
	p.items = append(p.items, i)
	p.mu.Unlock()
	p.advance(i.Seq)
	_, at, written := strings.Cut(i.Text, " at ")
	nano, err := strconv.ParseInt(at, 10, 64)
	if !written || err != nil || strings.HasPrefix(i.Text, p.name+" ") {
		return
	}
	p.crowd.mu.Lock()
	defer p.crowd.mu.Unlock()
	p.crowd.deliveries = append(p.crowd.deliveries, Timing{time.Unix(0, nano), now})
}

// ackTime is how long a person waits for an acknowledgement before they send again.
const ackTime = 3 * time.Second

// say sends a chat message once over the socket and returns its seq.
func (p *Person) say(ctx context.Context, key, text string) (int64, error) {
	p.mu.Lock()
	conn := p.conn
	p.mu.Unlock()
	if conn == nil {
		return 0, fmt.Errorf("%w: not connected", errAgain)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(ackTime))
	err := conn.WriteJSON(map[string]any{"event": journal.Message, "data": map[string]string{"message": text, "clientMsgId": key}})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errAgain, err)
	}
	return p.await(ctx, conn, key)
}

// await waits for the answer to a message that was sent over a connection.
func (p *Person) await(ctx context.Context, conn *websocket.Conn, key string) (int64, error) {
	late := time.After(ackTime)
	for {
		select {
		case a := <-p.answers:
			if a.ClientMsgID == key || a.Error == "too_fast" {
				return p.checkAnswer(a)
			}
		case <-late:
			return 0, fmt.Errorf("%w in time", errAgain)
		case <-time.After(20 * time.Millisecond):
			p.mu.Lock()
			cut := p.conn != conn
			p.mu.Unlock()
			if cut {
				return 0, fmt.Errorf("%w: cut", errAgain)
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// checkAnswer returns the seq of an accepted message, or the error of a refused one.
func (p *Person) checkAnswer(a answer) (int64, error) {
	switch {
	case a.Type == "ack":
		return a.Seq, nil
	case a.Error == "internal":
		p.crowd.failedInternally()
		fallthrough
	case a.Error == "unavailable", a.Error == "too_fast", a.Error == "conflict":
		return 0, fmt.Errorf("%w: %s", errAgain, a.Error)
	}
	return 0, fmt.Errorf("%s: %s", a.Error, a.Message)
}
