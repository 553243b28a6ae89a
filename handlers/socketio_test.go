package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

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
		if sender["username"] != "Ana" {
			t.Errorf(`username is %v, want "Ana"`, sender["username"])
		}
		if sender["role"] != "CUSTOMER" {
			t.Errorf(`role is %v, want "CUSTOMER"`, sender["role"])
		}
	}
	if tab.updates().Find("#s2.is-mine").Length() != 1 {
		t.Error("the message is not on the page of its author")
	}
	priya.chat(id, "From the API")
	page.post(fmt.Sprintf("/tickets/%d/messages", id), url.Values{"text": {"From a page"}, "kind": {"chat"}, "submission_id": {"k1"}}).wants(t, 303)
	for _, c := range []*ioClient{hers, his} {
		got := c.texts(2)
		if got[0] != "From the API" {
			t.Errorf(`got[0] is %q, want "From the API"`, got[0])
		}
		if got[1] != "From a page" {
			t.Errorf(`got[1] is %q, want "From a page"`, got[1])
		}
	}
	messages := ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200).value().([]any)
	if len(messages) != 3 {
		t.Errorf("%d messages are stored, want 3", len(messages))
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
		"a sender of letters": {"message", []any{obj{"ticketId": id, "message": "x", "senderId": "abc"}}, "not_you"},
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
		got := c.until("ack")
		if got["error"] != try.want {
			t.Errorf("%s: error is %v, want %v", name, got["error"], try.want)
		}
		if got["message"] == "" {
			t.Errorf("%s: message is empty", name)
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

func TestHandshakesOfSocketIOLeaveTheSocketsOfPagesOfTheSameAddress(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	var last int
	for range 201 {
		last = a.visitor().get("/socket.io/?EIO=4&transport=polling").StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("handshake 201 is answered %d, want 429", last)
	}
	ana.socket(fmt.Sprintf("/tickets/%d/chat?after=1", id))
}
