package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/handlers/web"
	"frontdesk/internal/live"
)

func TestEventsOfATicketAreSentToEachSocketInItsOwnView(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	a.addsComment(priya, id, "Before")
	hers, his, his2 := ana.socket(web.TicketURL(id)+"/chat?after=1"), priya.socket(web.TicketURL(id)+"/chat?after=2"), tom.socket(web.TicketURL(id)+"/chat?after=2")
	updates := hers.updates()
	if got := updates.Find("#s2").Length(); got != 1 {
		t.Fatalf("the missed events are not sent first: the number of #s2 is %d, want 1", got)
	}
	if got := updates.Find("[data-from='1'][data-to='2']").Length(); got != 1 {
		t.Fatalf("the missed events are not sent first: the number of [data-from='1'][data-to='2'] is %d, want 1", got)
	}
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Are you there?"}}).wants(t, 303)
	got := hers.updates()
	if text := got.Find("#s3.is-mine b").Text(); text != "You" {
		t.Errorf(`the sender does not see her own message: the text of #s3.is-mine b is %q, want "You"`, text)
	}
	if n := got.Find("[data-from='2'][data-to='3']").Length(); n != 1 {
		t.Errorf("the sender does not see her own message: the number of [data-from='2'][data-to='3'] is %d, want 1", n)
	}
	for _, s := range []*socket{his, his2} {
		if got := s.updates(); got.Find("#s3:not(.is-mine) b").Text() != "Ana" {
			t.Error("staff do not see the message of the requester")
		}
	}
	a.addsComment(priya, id, "Yes")
	got = hers.updates()
	if text := got.Find("#s4 h3").Text(); text != "Priya" {
		t.Errorf(`the requester does not get the comment as customers see it: the text of #s4 h3 is %q, want "Priya"`, text)
	}
	if n := got.Find(".seq, #triage").Length(); n != 0 {
		t.Errorf("the requester does not get the comment as customers see it: the number of .seq, #triage is %d, want 0", n)
	}
	if n := got.Find("#facts").Length(); n != 1 {
		t.Errorf("the requester does not get the comment as customers see it: the number of #facts is %d, want 1", n)
	}
	got = his.updates()
	if n := got.Find("#s4 .seq").Length(); n != 1 {
		t.Errorf("the author does not get the comment as staff see it: the number of #s4 .seq is %d, want 1", n)
	}
	if n := got.Find("#triage").Length(); n != 1 {
		t.Errorf("the author does not get the comment as staff see it: the number of #triage is %d, want 1", n)
	}
	priya.post(web.TicketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}).wants(t, 303)
	if got := hers.updates(); got.Find("#ticket-head .badge").Text() != "Resolved" {
		t.Error("the status is not updated")
	}
}

func TestASocketMessageIsAcknowledgedAfterTheCommitAndStoredOnce(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	s := ana.socket(web.TicketURL(id) + "/chat?after=1")
	line := map[string]any{"type": "message", "message": "Hello there", "clientMsgId": "k1", "senderId": ana.id, "ticketId": id}
	for range 3 {
		s.send(line)
		if got := s.answer(); got != (web.JSONAnswer{Type: "ack", ClientMsgID: "k1", Seq: 2}) {
			t.Fatalf("got %+v", got)
		}
	}
	if n := len(a.log(ana, id)); n != 1 {
		t.Fatalf("%d messages are stored", n)
	}
	for _, c := range []struct {
		say  any
		want string
	}{
		{map[string]any{"type": "message", "message": "Other words", "clientMsgId": "k1"}, "conflict"},
		{map[string]any{"type": "message", "message": " ", "clientMsgId": "k2"}, "invalid"},
		{map[string]any{"type": "message", "message": strings.Repeat("x", 2001)}, "invalid"},
		{map[string]any{"type": "message", "message": "a\x00b"}, "invalid"},
		{map[string]any{"type": "message", "message": "Not me", "senderId": ana.id + 1}, "not_you"},
		{map[string]any{"type": "message", "message": "Elsewhere", "ticketId": id + 1}, "other_ticket"},
		{map[string]any{"type": "message", "message": 7}, "malformed"},
		{map[string]any{"type": "shout"}, "unknown_type"},
		{[]int{1}, "malformed"},
		{nil, "unknown_type"},
	} {
		s.send(c.say)
		got := s.answer()
		if got.Error != c.want {
			t.Errorf("%v: the error is %q, want %q", c.say, got.Error, c.want)
		}
		if got.Message == "" {
			t.Errorf("%v: the message is empty", c.say)
		}
	}
	if n := len(a.log(ana, id)); n != 1 {
		t.Fatalf("%d messages are stored after invalid ones", n)
	}
}

func TestAnInvalidFrameClosesOnlyItsSocket(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	other := ana.socket(web.TicketURL(id) + "/chat?after=1")
	for name, c := range map[string]struct {
		want int
		do   func(*websocket.Conn)
	}{
		"binary":    {websocket.CloseUnsupportedData, func(c *websocket.Conn) { _ = c.WriteMessage(websocket.BinaryMessage, []byte("x")) }},
		"oversized": {websocket.CloseMessageTooBig, func(c *websocket.Conn) { _ = c.WriteMessage(websocket.TextMessage, make([]byte, 17<<10)) }},
		"not UTF-8": {websocket.CloseInvalidFramePayloadData, func(c *websocket.Conn) {
			_ = c.WriteMessage(websocket.TextMessage, []byte("{\"type\":\"message\",\"message\":\"a\xffb\"}"))
		}},
		"not UTF-8 in a close frame": {websocket.CloseProtocolError, func(c *websocket.Conn) {
			_ = c.WriteControl(websocket.CloseMessage, []byte{3, 232, 0xff}, time.Now().Add(time.Second))
		}},
		"flood": {websocket.ClosePolicyViolation, func(c *websocket.Conn) {
			for range 100 {
				_ = c.WriteMessage(websocket.TextMessage, []byte(`{"type":"shout"}`))
			}
		}},
	} {
		s := ana.socket(web.TicketURL(id) + "/chat?after=1")
		c.do(s.conn)
		t.Log(name)
		s.closes(c.want)
	}
	other.send(map[string]any{"type": "message", "message": "Still here"})
	if got := other.answer(); got.Type != "ack" {
		t.Errorf("another socket: got %+v", got)
	}
}

func TestASocketNeedsTheOriginOfTheDesk(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	host := strings.TrimPrefix(a.srv.URL, "http://")
	for _, origin := range []string{"", "null", "http://evil.example", "https://" + host, "http://" + host + ".evil.example", "http://127.0.0.1", "http://" + host + "/"} {
		conn, resp, err := ana.dial(web.TicketURL(id)+"/chat", "Origin", origin)
		if err == nil {
			conn.Close()
			t.Errorf("a page of %q opens a socket", origin)
		}
		if resp == nil {
			t.Fatalf("a page of %q: got no answer, want 403: %v", origin, err)
		}
		if resp.StatusCode != 403 {
			t.Errorf("a page of %q: the status is %d, want 403", origin, resp.StatusCode)
		}
	}
}

func TestASocketNeedsAccessToTheTicket(t *testing.T) {
	a := newApp(t)
	ana, boris, priya := a.customer("Ana"), a.customer("Boris"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	for _, c := range []struct {
		who  *client
		path string
		want int
	}{
		{ana, web.TicketURL(id) + "/chat", 101}, {priya, web.TicketURL(id) + "/chat", 101},
		{boris, web.TicketURL(id) + "/chat", 404}, {priya, "/tickets/99999/chat", 404}, {ana, "/tickets/x/chat", 404},
		{a.visitor(), web.TicketURL(id) + "/chat", 303}, {a.visitor(), "/tickets/live", 303},
		{ana, "/tickets/live", 101}, {priya, "/tickets/live", 101},
	} {
		conn, resp, err := c.who.dial(c.path)
		if err == nil {
			conn.Close()
		}
		if resp == nil {
			t.Fatalf("%s at %s: the value is nil", c.who.name, c.path)
		}
		if resp.StatusCode != c.want {
			t.Errorf("%s at %s: the status is %d, want %d", c.who.name, c.path, resp.StatusCode, c.want)
		}
	}
}

func TestASocketIsClosedWhenItsRightEnds(t *testing.T) {
	a := newApp(t)
	boss := a.admin("Boss")
	for name, c := range map[string]struct {
		end  func(t *testing.T, who *client, id int64)
		want int
	}{
		"signing out": {func(t *testing.T, who *client, _ int64) { who.post("/logout", nil).wants(t, 303) }, live.CloseSignedOut},
		"being disabled": {func(t *testing.T, who *client, _ int64) {
			boss.post(userURL(who)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303)
		}, live.CloseSignedOut},
		"being signed out": {func(t *testing.T, who *client, _ int64) { boss.post(userURL(who)+"/sessions", nil).wants(t, 303) }, live.CloseSignedOut},
		"a deleted ticket": {func(t *testing.T, _ *client, id int64) { boss.post(web.TicketURL(id)+"/delete", nil).wants(t, 303) }, live.CloseGone},
		"being made an admin": {func(t *testing.T, who *client, _ int64) {
			boss.post(userURL(who)+"/role", url.Values{"role": {"admin"}}).wants(t, 303)
		}, live.CloseSignedOut},
	} {
		t.Run(name, func(t *testing.T) {
			who := a.customer("Ana " + name)
			id := a.opensTicket(who, "Mine")
			s := who.socket(web.TicketURL(id) + "/chat?after=1")
			s.send(map[string]any{"type": "message", "message": "Hello"})
			if got := s.answer(); got.Type != "ack" {
				t.Fatalf("got %+v", got)
			}
			began := time.Now()
			c.end(t, who, id)
			s.closes(c.want)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// userURL returns the path of the page of the client's account.
func userURL(c *client) string { return fmt.Sprintf("/admin/users/%d", c.id) }

func TestADemotedUserGetsNoFurtherEvents(t *testing.T) {
	a := newApp(t)
	ana, boss, tom := a.customer("Ana"), a.admin("Boss"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	s := tom.socket(web.TicketURL(id) + "/chat?after=1")
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"For staff"}}).wants(t, 303)
	if s.updates().Find("#s2").Length() != 1 {
		t.Fatal("an admin gets nothing")
	}
	boss.post(userURL(tom)+"/role", url.Values{"role": {"customer"}}).wants(t, 303)
	for range 20 {
		ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Not for Tom"}}).wants(t, 303)
	}
	for {
		text, closed := s.next()
		if closed == live.CloseSignedOut {
			return
		}
		if strings.Contains(text, "Not for Tom") {
			t.Fatal("a customer gets a message of another customer")
		}
	}
}

func TestTheSocketOfAListOnlySignalsChanges(t *testing.T) {
	a := newApp(t)
	ana, boris, priya := a.customer("Ana"), a.customer("Boris"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	hers, his, staff := ana.socket("/tickets/live"), boris.socket("/tickets/live"), priya.socket("/tickets/live")
	for _, s := range []*socket{hers, his, staff} {
		s.unread(0) // the count follows the check of the socket's rights
	}
	a.addsComment(priya, id, "Secret words")
	for _, s := range []*socket{hers, staff} {
		if text, closed := s.next(); text != `{"type":"changed"}` {
			t.Errorf("got %q, %d", text, closed)
		}
	}
	his.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if _, text, err := his.conn.ReadMessage(); err == nil {
		t.Errorf("a user without access gets %s", text)
	}
}
