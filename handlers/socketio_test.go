package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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
	d := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
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

func (c *ioClient) write(text string) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next packet of Engine.IO, "" after the end.
func (c *ioClient) read() string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
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

func TestAClientOfTheFirstSystemSharesTheChatOfPagesAndPrograms(t *testing.T) {
	a := newApp(t)
	page := a.customer("Ana")
	ana, priya := page.program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	hers, his := ana.io(a.srv.URL, nil), priya.io(a.srv.URL, nil)
	hers.join(strconv.FormatInt(id, 10))
	his.join(id)
	tab := page.socket(fmt.Sprintf("/tickets/%d/chat?after=1", id))

	hers.emit("message", obj{"ticketId": id, "message": "Hello there", "senderId": ana.id})
	for name, c := range map[string]*ioClient{"sender": hers, "other": his} {
		got := c.until("message")
		sender, _ := got["sender"].(map[string]any)
		for key, want := range (obj{"message": "Hello there", "ticketId": float64(id), "senderId": float64(ana.id), "seq": 2.0, "id": float64(id<<20 | 2)}) {
			if got[key] != want {
				t.Errorf("%s gets %s %v, want %v", name, key, got[key], want)
			}
		}
		if sender["username"] != "Ana" || sender["role"] != "CUSTOMER" {
			t.Errorf("%s gets the sender %v", name, sender)
		}
	}
	if tab.updates().Find("#s2.is-mine").Length() != 1 {
		t.Error("the message is not on the page of its author")
	}
	priya.chat(id, "From the API")
	page.post(fmt.Sprintf("/tickets/%d/messages", id), url.Values{"text": {"From a page"}, "kind": {"chat"}, "submission_id": {"k1"}}).wants(t, 303)
	for _, c := range []*ioClient{hers, his} {
		if got := c.texts(2); got[0] != "From the API" || got[1] != "From a page" {
			t.Errorf("got %q, want both in order", got)
		}
	}
	messages := ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200).value().([]any)
	if len(messages) != 3 {
		t.Errorf("%d messages are stored, want 3", len(messages))
	}
}

// ioAuth is what a client shows, as "auth" and in the header Authorization.
type ioAuth struct {
	auth   any
	header string
}

func TestOnlyAValidTokenConnectsOverSocketIO(t *testing.T) {
	a := newApp(t)
	page := a.customer("Ana")
	ana, boris, dora := page.program(), a.customer("Boris").program(), a.customer("Dora").program()
	made := page.makeToken("For scripts", "30")
	a.exec("update users set session_ver = session_ver + 1 where id = $1", boris.id)
	a.exec("update users set disabled_at = now() where id = $1", dora.id)
	late := a.customer("Lena").program()
	a.exec("update users set must_change_password = true where id = $1", late.id)
	const none, bad = "connect with io(url, { auth: { token } })", "the token has ended or is not valid"
	for name, try := range map[string]struct {
		shown   ioAuth
		refused string // a part of the sentence; "" if the client is connected
	}{
		"no auth":                    {ioAuth{}, none},
		"an empty token":             {ioAuth{auth: obj{"token": ""}}, none},
		"a token that is no text":    {ioAuth{auth: obj{"token": 7}}, none},
		"a made-up token":            {ioAuth{auth: obj{"token": "abc"}}, bad},
		"an unsigned token":          {ioAuth{auth: obj{"token": unsigned(ana.token)}}, bad},
		"a token of before a change": {ioAuth{auth: obj{"token": boris.token}}, bad},
		"a disabled account":         {ioAuth{auth: obj{"token": dora.token}}, bad},
		"a one-time password":        {ioAuth{auth: obj{"token": late.token}}, "Choose your own password"},
		"the session's cookie":       {ioAuth{header: "Cookie"}, none},
		"a signed token":             {ioAuth{auth: obj{"token": ana.token}}, ""},
		"with Bearer":                {ioAuth{auth: obj{"token": "Bearer " + ana.token}}, ""},
		"a personal token":           {ioAuth{auth: obj{"token": made}}, ""},
		"the header Authorization":   {ioAuth{header: "Bearer " + ana.token}, ""},
		"the header, personal token": {ioAuth{header: "Bearer " + made}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			header := []string{}
			switch {
			case try.shown.header == "Cookie":
				header = []string{"Cookie", page.cookie()}
			case try.shown.header != "":
				header = []string{"Authorization", try.shown.header}
			}
			c, _ := dialIO(t, a.srv.URL, header...)
			got := c.connect(try.shown.auth)
			if try.refused == "" {
				if got.name != "connect" {
					t.Errorf("got %v, want connect", got)
				}
				return
			}
			if text := fmt.Sprint(got.data["message"]); got.name != "connect_error" || !strings.Contains(text, try.refused) {
				t.Errorf("got %s %s, want connect_error with %q", got.name, text, try.refused)
			}
		})
	}
}

// unsigned returns a signed token with the algorithm "none" and no signature (RFC 8725, 2.1).
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + "."
}

func TestARoomIsOpenToThoseWhoMayReadItsTicket(t *testing.T) {
	a := newApp(t)
	ana, boris, priya := a.customer("Ana").program(), a.customer("Boris").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	gone := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	ana.send("DELETE", fmt.Sprintf("/tickets/%d", gone), nil).wants(204)
	ana.chat(id, "Between us")
	seq := 2
	for _, try := range []struct {
		name   string
		who    *apiClient
		ticket int64
		may    bool
	}{
		{"the requester", ana, id, true}, {"staff", priya, id, true}, {"another customer", boris, id, false},
		{"the requester, a deleted ticket", ana, gone, false}, {"staff, a deleted ticket", priya, gone, false}, {"another customer, no ticket", boris, 999, false},
	} {
		c := try.who.io(a.srv.URL, obj{"pid": strings.Repeat("P", 26), "offset": fmt.Sprintf("%d:1", try.ticket)})
		if try.may && try.ticket == id {
			if got := c.texts(seq - 1); got[0] != "Between us" {
				t.Errorf("%s recovers %q", try.name, got)
			}
		}
		c.emit("join-room", try.ticket)
		if got := c.until("ack"); (got["ok"] == true) != try.may {
			t.Errorf("%s joins: %v, want %v", try.name, got, try.may)
		}
		c.emit("message", obj{"ticketId": try.ticket, "message": "By " + try.name})
		if got := c.until("ack"); (got["ok"] == true) != try.may {
			t.Errorf("%s writes: %v, want %v", try.name, got, try.may)
		}
		if try.may {
			seq++
		}
	}
	if n := len(ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200).value().([]any)); n != seq-1 {
		t.Errorf("%d messages are stored, want %d", n, seq-1)
	}
}

func TestARoomIsLeftWhenTheRightEnds(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	for name, end := range tokenEndings {
		if end == "" {
			continue // see the test of expired tokens
		}
		who := a.admin("Priya " + strings.ReplaceAll(name, " ", "-"))
		p := who.program()
		if strings.HasPrefix(name, "token") {
			p.token = who.makeToken("Late", "30")
		}
		c := p.io(a.srv.URL, nil)
		c.join(id)
		a.exec(end, who.id)
		if !strings.HasPrefix(name, "token") { // a token's end is noticed within 5 seconds, see live.Hub
			ana.chat(id, "After "+name)
		}
		for got := c.next(); got.name != "disconnect" && got.name != "close"; got = c.next() {
			if got.name == "message" && strings.Contains(fmt.Sprint(got.data["message"]), "After "+name) {
				t.Errorf("%s: got the message after the right had ended", name)
			}
		}
	}
}

func TestARoomOfADeletedTicketIsLeftAndTheConnectionStays(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	other := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	c := ana.io(a.srv.URL, nil)
	c.join(id)
	c.join(other)
	ana.send("DELETE", fmt.Sprintf("/tickets/%d", id), nil).wants(204)
	if got := c.until("error_message"); got["ticketId"] != float64(id) || got["error"] != "not_found" {
		t.Errorf("the client gets %v", got)
	}
	ana.chat(other, "Still here")
	if got := c.texts(1); got[0] != "Still here" {
		t.Errorf("got %q in the other room", got)
	}
}

func TestAClientThatComesBackGetsWhatItMissedOnce(t *testing.T) {
	a := newApp(t)
	other := a.replica(nil)
	ana, priya := a.customer("Ana").program(), a.admin("Priya").program()
	first := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	second := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	c := ana.io(a.srv.URL, nil)
	c.join(first)
	c.join(second)
	priya.chat(first, "1")
	if got := c.texts(1); got[0] != "1" {
		t.Fatalf("got %q", got)
	}
	pid, offset := c.pid, c.offset
	c.conn.Close()
	for n := range 250 { // more than a client's queue may have from one page of the log
		priya.chat(first, fmt.Sprint(n+2))
	}
	priya.chat(second, "2:1")
	back, _ := dialIO(t, other.srv.URL)
	back.pid = pid
	back.connect(obj{"token": ana.token, "pid": pid, "offset": offset})
	if !back.recovered {
		t.Fatal("the state is not recovered")
	}
	back.emit("join-room", first) // as a client does that joins whenever it is connected
	priya.chat(first, "last")
	var got []string
	inSecond := 0
	for len(got) < 251 || inSecond < 1 {
		m := back.until("message")
		if m["ticketId"] == float64(second) {
			inSecond++
			continue
		}
		got = append(got, fmt.Sprint(m["message"]))
	}
	for n, text := range got[:250] {
		if text != fmt.Sprint(n+2) {
			t.Fatalf("message %d is %q, want %d", n, text, n+2)
		}
	}
	if last := got[250]; last != "last" {
		t.Errorf("after what was missed comes %q, want last", last)
	}
}

func TestEventsThatCannotBeTakenAreAnsweredWithAReason(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	c := ana.io(a.srv.URL, nil)
	c.join(id)
	for name, try := range map[string]struct {
		event string
		args  []any
		want  string
	}{
		"another sender":      {"message", []any{obj{"ticketId": id, "message": "x", "senderId": ana.id + 1}}, "not_you"},
		"no text":             {"message", []any{obj{"ticketId": id, "message": " "}}, "invalid"},
		"a long text":         {"message", []any{obj{"ticketId": id, "message": strings.Repeat("x", 2001)}}, "invalid"},
		"no ticket":           {"message", []any{obj{"message": "x"}}, "malformed"},
		"a ticket as a list":  {"message", []any{obj{"ticketId": []int{1}, "message": "x"}}, "malformed"},
		"a text for a number": {"message", []any{obj{"ticketId": id, "message": 7}}, "malformed"},
		"no argument":         {"message", nil, "malformed"},
		"null":                {"message", []any{nil}, "malformed"},
		"a room of letters":   {"join-room", []any{"abc"}, "malformed"},
		"a negative room":     {"join-room", []any{-1}, "malformed"},
		"no room":             {"join-room", nil, "malformed"},
		"a fraction":          {"join-room", []any{1.5}, "malformed"},
		"a sign":              {"join-room", []any{"+1"}, "malformed"},
		"another event":       {"shout", []any{"x"}, "unknown_event"},
	} {
		c.emit(try.event, try.args...)
		if got := c.until("ack"); got["error"] != try.want || got["message"] == "" {
			t.Errorf("%s is answered %v, want %s", name, got, try.want)
		}
	}
	c.write(`451-99["message",{"ticketId":1,"message":{"_placeholder":true,"num":0}}]`)
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := c.until("ack"); got["error"] != "binary" {
		t.Errorf("a binary event is answered %v", got)
	}
	if n := len(ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200).value().([]any)); n != 0 {
		t.Errorf("%d messages are stored, want none", n)
	}
}

func TestTheSameMessageWithAClientMsgIDIsStoredOnce(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	c := ana.io(a.srv.URL, nil)
	c.join(id)
	for range 2 {
		c.emit("message", obj{"ticketId": fmt.Sprint(id), "message": "Once", "senderId": fmt.Sprint(ana.id), "clientMsgId": "k1"})
		if got := c.until("ack"); got["seq"] != 2.0 {
			t.Errorf("the acknowledgement is %v, want seq 2", got)
		}
	}
}

func TestSocketIOAnswersTheOriginsOfCORSAlone(t *testing.T) {
	a := newApp(t)
	for origin, allowed := range map[string]bool{"https://app.example.org": true, "https://evil.example.org": false, "null": false} {
		got := a.visitor().get("/socket.io/?EIO=4&transport=polling", "Origin", origin)
		want := ""
		if allowed {
			want = origin
		}
		if h := got.Header.Get("Access-Control-Allow-Origin"); h != want {
			t.Errorf("%s gets Allow-Origin %q, want %q", origin, h, want)
		}
		if h := got.Header.Get("Access-Control-Allow-Credentials"); (h == "true") != allowed {
			t.Errorf("%s gets Allow-Credentials %q", origin, h)
		}
		if c, resp := dialIO(t, a.srv.URL, "Origin", origin); (c != nil) != allowed {
			t.Errorf("a websocket of %s is answered %d, want allowed %v", origin, resp.StatusCode, allowed)
		}
	}
	if cookie := a.visitor().get("/socket.io/?EIO=4&transport=polling").Header.Get("Set-Cookie"); cookie != "" {
		t.Errorf("a cookie is set: %s", cookie)
	}
}

func TestAClientWhoseRightHasEndedLearnsNothingOfTickets(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	for _, ticket := range []int64{id, 999} {
		for event, arg := range map[string]any{"join-room": ticket, "message": obj{"ticketId": ticket, "message": "x"}} {
			who := a.admin(fmt.Sprintf("Priya %d %s", ticket, event))
			c := who.program().io(a.srv.URL, nil)
			a.exec("update users set role = 'customer', session_ver = session_ver + 1 where id = $1", who.id)
			c.emit(event, arg)
			if got := c.until("ack"); got["error"] != "signed_out" || !strings.Contains(fmt.Sprint(got["message"]), "the token has ended") {
				t.Errorf("%s of ticket %d is answered %v, want signed_out", event, ticket, got)
			}
		}
	}
}

func TestHandshakesOfSocketIOLeaveTheSocketsOfPagesOfTheSameAddress(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.asked(ana, "Mine")
	var last int
	for range 201 {
		last = a.visitor().get("/socket.io/?EIO=4&transport=polling").StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("handshake 201 is answered %d, want 429", last)
	}
	ana.socket(fmt.Sprintf("/tickets/%d/chat?after=1", id))
}
