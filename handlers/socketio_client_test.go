package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// ioClient is a client of Socket.IO over a websocket, which keeps what it needs to recover.
type ioClient struct {
	t           *testing.T
	conn        *websocket.Conn
	acks        int
	pid, offset string
	recovered   bool
}

// ioPacket is what a client gets: an event, an acknowledgement, or the end.
type ioPacket struct {
	name string // of an event; "ack", "connect", "connect_error", "disconnect" or "close" otherwise
	data map[string]any
}

// dialIO opens a session of Engine.IO without connecting to a namespace.
func dialIO(t *testing.T, base string, headers ...string) (*ioClient, *http.Response) {
	t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	d := websocket.Dialer{HandshakeTimeout: 20 * time.Second}
	conn, resp, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(base, "http")+"/socket.io/?EIO=4&transport=websocket", h)
	if err != nil {
		if resp == nil {
			t.Fatal(err)
		}
		return nil, resp
	}
	t.Cleanup(func() { conn.Close() })
	c := &ioClient{t: t, conn: conn}
	if open := c.read(); !strings.HasPrefix(open, `0{"sid"`) {
		t.Fatalf("the first packet is %s", open)
	}
	return c, resp
}

// io connects a client with the credentials of a program.
func (p *apiClient) io(base string, auth obj) *ioClient {
	p.app.t.Helper()
	c, _ := dialIO(p.app.t, base)
	if c == nil {
		p.app.t.Fatal("no websocket")
	}
	if auth == nil {
		auth = obj{}
	}
	auth["token"] = p.token
	if got := c.connect(auth); got.name != "connect" {
		p.app.t.Fatalf("connecting is answered %v", got)
	}
	return c
}

// connect connects to the namespace "/" and returns the answer.
func (c *ioClient) connect(auth any) ioPacket {
	c.t.Helper()
	text := "40"
	if auth != nil {
		raw, err := json.Marshal(auth)
		if err != nil {
			c.t.Fatal(err)
		}
		text += string(raw)
	}
	c.write(text)
	return c.next()
}

// write sends a text frame.
func (c *ioClient) write(text string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next packet of Engine.IO, "" after the end.
func (c *ioClient) read() string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		c.t.Fatal(err)
	}
	for {
		_, text, err := c.conn.ReadMessage()
		switch {
		case websocket.IsUnexpectedCloseError(err), err != nil && strings.Contains(err.Error(), "close"):
			return ""
		case err != nil:
			c.t.Fatal(err)
		case string(text) != "2":
			return string(text)
		}
		c.write("3")
	}
}

// emit sends an event that is to be acknowledged.
func (c *ioClient) emit(name string, args ...any) {
	c.t.Helper()
	raw, err := json.Marshal(append([]any{name}, args...))
	if err != nil {
		c.t.Fatal(err)
	}
	c.acks++
	c.write("42" + strconv.Itoa(c.acks) + string(raw))
}

// next returns what comes next, and keeps the pid and the offset as socket.io-client does.
func (c *ioClient) next() ioPacket {
	c.t.Helper()
	text := c.read()
	p := ioPacket{data: map[string]any{}}
	var args []json.RawMessage
	body := strings.TrimLeft(strings.TrimPrefix(text, "4"), "0123456789")
	switch {
	case text == "":
		p.name = "close"
	case strings.HasPrefix(text, "40"):
		p.name = "connect"
		_ = json.Unmarshal([]byte(text[2:]), &p.data)
		pid, _ := p.data["pid"].(string)
		c.recovered, c.pid = pid == c.pid && pid != "", pid
	case strings.HasPrefix(text, "41"):
		p.name = "disconnect"
	case strings.HasPrefix(text, "44"):
		p.name = "connect_error"
		_ = json.Unmarshal([]byte(text[2:]), &p.data)
	case strings.HasPrefix(text, "43"):
		p.name = "ack"
		_ = json.Unmarshal([]byte(body), &args)
		_ = json.Unmarshal(args[0], &p.data)
	case strings.HasPrefix(text, "42"):
		_ = json.Unmarshal([]byte(body), &args)
		_ = json.Unmarshal(args[0], &p.name)
		_ = json.Unmarshal(args[1], &p.data)
		var last string
		if json.Unmarshal(args[len(args)-1], &last) == nil {
			c.offset = last
		}
	default:
		c.t.Fatalf("unknown packet %s", text)
	}
	return p
}

// until returns the next packet with a name, other packets left out.
func (c *ioClient) until(name string) map[string]any {
	c.t.Helper()
	for {
		p := c.next()
		if p.name == name {
			return p.data
		}
		if p.name == "close" {
			c.t.Fatalf("closed before %s", name)
		}
	}
}

// join enters a room.
func (c *ioClient) join(id any) {
	c.t.Helper()
	c.emit("join-room", id)
	if a := c.until("ack"); a["ok"] != true {
		c.t.Fatalf("join-room is answered %v", a)
	}
}

// texts returns the texts of the next n messages.
func (c *ioClient) texts(n int) (all []string) {
	c.t.Helper()
	for range n {
		all = append(all, fmt.Sprint(c.until("message")["message"]))
	}
	return all
}

// chat posts a chat message by the API.
func (p *apiClient) chat(id int64, text string) {
	p.app.t.Helper()
	p.send("POST", fmt.Sprintf("/tickets/%d/messages", id), obj{"message": text}).wants(201)
}
