package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/live"
)

// socket opens a socket of the API client.
func (p *apiClient) socket(path string, headers ...string) (*socket, *http.Response) {
	p.app.t.Helper()
	h := http.Header{}
	if p.token != "" {
		h.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	d := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	conn, resp, err := d.DialContext(p.app.t.Context(), "ws"+strings.TrimPrefix(p.app.srv.URL, "http")+"/api"+path, h)
	if resp == nil {
		p.app.t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body) // the dialer keeps the body in memory
	p.app.contract().holds(p.app.t, resp, nil, body)
	if err != nil {
		return nil, resp
	}
	p.app.t.Cleanup(func() { conn.Close() })
	return &socket{p.app.t, conn}, resp
}

// event returns the next event of the socket of an API client, and checks it against the
// OpenAPI document.
func (s *socket) event() (name string, seq int64, data map[string]any) {
	s.t.Helper()
	text, closed := s.next()
	if closed != 0 {
		s.t.Fatalf("closed with %d", closed)
	}
	var e web.JSONEvent
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	_ = json.Unmarshal(e.Data, &data)
	var whole any
	_ = json.Unmarshal([]byte(text), &whole)
	if err := contractOf.doc.Components.Schemas["Event"].Value.VisitJSON(whole, openapi3.EnableJSONSchema2020()); err != nil {
		s.t.Errorf("%s is not in the document: %v", text, err)
	}
	return e.Event, e.Seq, data
}

func TestAnAPIClientChatsOverASocketAsInTheFirstSystem(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	path := fmt.Sprintf("/tickets/%d/chat", id)
	hers, _ := ana.socket(path)
	ticket := priya.send("POST", "/ws-ticket", nil).wants(201).get("ticket").(string)
	token := priya.token
	priya.token = ""
	his, _ := priya.socket(path+"?ticket="+ticket, "Origin", "https://app.example.org")
	if hers == nil {
		t.Fatal("no socket: hers is nil")
	}
	if his == nil {
		t.Fatal("no socket: his is nil")
	}
	again, resp := priya.socket(path + "?ticket=" + ticket)
	if again != nil {
		t.Errorf("a socket ticket opens two sockets: got the socket %v, want none", again)
	}
	if resp.StatusCode != 401 {
		t.Errorf("a socket ticket opens two sockets: the status is %d, want 401", resp.StatusCode)
	}
	hers.send(obj{"event": "join-room", "data": id})
	if name, _, _ := hers.event(); name != "joined" {
		t.Errorf("the answer to join is %s", name)
	}
	hers.send(obj{"event": "ping"})
	name, _, data := hers.event()
	if name != "pong" {
		t.Errorf(`the name is %q, want "pong"`, name)
	}
	if data["type"] != "pong" {
		t.Errorf(`type is %v, want "pong"`, data["type"])
	}
	hers.send(obj{"event": "message", "data": obj{"ticketId": id, "message": "Hello there", "senderId": ana.id, "clientMsgId": "k1"}})
	for _, s := range []*socket{hers, his} {
		for {
			name, seq, data := s.event()
			if name == "ack" {
				continue
			}
			if name != "message" {
				t.Errorf(`the name is %q, want "message"`, name)
			}
			if seq != 2 {
				t.Errorf("the seq is %d, want 2", seq)
			}
			sender, _ := data["sender"].(obj)
			got := obj{"message": data["message"], "senderId": data["senderId"], "username": sender["username"], "role": sender["role"]}
			if diff := cmp.Diff(obj{"message": "Hello there", "senderId": float64(ana.id), "username": "Ana", "role": "CUSTOMER"}, got); diff != "" {
				t.Errorf("the message (-want +got):\n%s", diff)
			}
			break
		}
	}
	for want, say := range map[string]obj{
		"not_you":       {"event": "message", "data": obj{"message": "x", "senderId": ana.id + 100}},
		"other_ticket":  {"event": "message", "data": obj{"message": "x", "ticketId": id + 1}},
		"malformed":     {"event": "message", "data": "x"},
		"unknown_event": {"event": "leave-room"},
	} {
		hers.conn.WriteJSON(say)
		for {
			name, _, data := hers.event()
			if name == "ack" {
				continue
			}
			if name != "error" {
				t.Errorf(`the name is %q, want "error"`, name)
			}
			if data["error"] != want {
				t.Errorf("error is %v, want %v", data["error"], want)
			}
			break
		}
	}
	priya.token = token
	priya.send("POST", fmt.Sprintf("/tickets/%d/comments", id), obj{"text": "For the record"}).wants(201)
	name, seq, data := his.event()
	if name != "comment" {
		t.Errorf(`the name is %q, want "comment"`, name)
	}
	if seq != 3 {
		t.Errorf("the seq is %d, want 3", seq)
	}
	if data["text"] != "For the record" {
		t.Errorf(`text is %v, want "For the record"`, data["text"])
	}
	late, _ := ana.socket(path + "?after=1")
	name, seq, _ = late.event()
	if name != "message" {
		t.Errorf(`the name is %q, want "message"`, name)
	}
	if seq != 2 {
		t.Errorf("the seq is %d, want 2", seq)
	}
}

func TestAnAPISocketNeedsACredentialAndEndsWithIt(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, boris := c.program(), a.customer("Boris").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	path := fmt.Sprintf("/tickets/%d/chat", id)
	for name, try := range map[string]struct {
		who  *apiClient
		path string
		want int
	}{
		"a stranger": {boris, path, 403}, "nobody": {&apiClient{app: a}, path, 401}, "a made-up ticket": {&apiClient{app: a}, path + "?ticket=abc", 401},
		"a ticket that is none": {ana, "/tickets/999/chat", 403}, "a malformed one": {ana, "/tickets/x/chat", 403},
	} {
		s, resp := try.who.socket(try.path)
		if s != nil {
			t.Errorf("%s: got the socket %v, want none", name, s)
		}
		if resp.StatusCode != try.want {
			t.Errorf("%s: the status is %d, want %d", name, resp.StatusCode, try.want)
		}
	}
	late := ana.send("POST", "/ws-ticket", nil).wants(201).get("ticket").(string)
	a.later(account.SocketTicketTime + time.Second)
	if s, _ := (&apiClient{app: a}).socket(path + "?ticket=" + late); s != nil {
		t.Error("a socket ticket opens a socket after half a minute")
	}
	s, _ := ana.socket(path)
	c.post("/account/sessions", nil).wants(t, 303)
	s.closes(live.CloseSignedOut)
}
