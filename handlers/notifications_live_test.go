package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

func TestTheCountOfAnOpenPageIsUpdated(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	id := n.opensTicket(ana, "First")
	sockets := map[string]*socket{"a list": priya.socket("/tickets/live"), "a ticket": priya.socket(web.TicketURL(n.opensTicket(priya, "Own")) + "/chat")}
	n.deliver()
	for what, s := range sockets {
		if got := s.unread(1); got != 1 {
			t.Errorf("%s: got %d unread, want 1", what, got)
		}
	}
	priya.get(web.TicketURL(id))
	for what, s := range sockets {
		if got := s.unread(0); got != 0 {
			t.Errorf("%s: got %d unread, want 0", what, got)
		}
	}
}

func TestAnOpenPageGetsTheCountAfterAGapInItsConnection(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	own := n.opensTicket(priya, "Own")
	n.opensTicket(ana, "First")
	n.deliver()
	for what, path := range map[string]string{"a list": "/tickets/live", "a ticket": web.TicketURL(own) + "/chat"} {
		s := priya.socket(path) // after the notification
		if got := s.unread(1); got != 1 {
			t.Errorf("%s that joins: got %d unread, want 1", what, got)
		}
		n.exec("update notifications set read_at = now() where user_id = $1", priya.id) // without a message of the bus
		n.exec("select pg_notify('frontdesk', 'u ' || $1::bigint)", priya.id)           // which pauses the socket
		if got := s.unread(0); got != 0 {
			t.Errorf("%s after a pause: got %d unread, want 0", what, got)
		}
		n.exec("update notifications set read_at = null where user_id = $1", priya.id)
	}
}

func TestOpenPagesAreCountedAgainWhenARoleLosesTickets(t *testing.T) {
	n := newNotified(t)
	ana, tom := n.customer("Ana"), n.restrictedAgent("Tom")
	n.exec("update roles set see_all = true")
	tom.signIn()
	n.opensTicket(ana, "First")
	n.deliver()
	conn, err := n.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "listen frontdesk"); err != nil {
		t.Fatal(err)
	}
	wantBell(t, "before", tom.get("/tickets"), "1")
	n.exec("update roles set see_all = false")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for want := fmt.Sprint("n ", tom.id); ; {
		m, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("no message %q: %v", want, err)
		}
		if m.Payload == want {
			break
		}
	}
	wantBell(t, "afterwards", tom.get("/tickets"), "")
}

// unread reads messages until the number of unread notifications is want, or the socket has
// no more messages. It returns the last number, or -1 if there was none.
func (s *socket) unread(want int) (n int) {
	s.t.Helper()
	n = -1
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		text, closed := s.read()
		if closed != 0 {
			s.t.Fatalf("closed with %d", closed)
		}
		var m struct {
			Type   string
			Unread string
		}
		if json.Unmarshal([]byte(text), &m) == nil && m.Type == "notifications" {
			if n, _ = strconv.Atoi(m.Unread); n == want {
				return n
			}
		}
	}
	return n
}

func TestAnAPISocketReceivesNoNotifications(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	id := n.opensTicket(priya, "Own")
	program, _ := priya.program().socket(fmt.Sprintf("/tickets/%d/chat", id))
	page := priya.socket("/tickets/live")
	n.opensTicket(ana, "First")
	n.deliver()
	page.unread(1) // the count has been sent to all sockets
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"The end"}})
	for {
		text, closed := program.read()
		if closed != 0 {
			t.Fatalf("closed with %d", closed)
		}
		if strings.Contains(text, "notifications") {
			t.Errorf("got %s, want no notification", text)
		}
		if strings.Contains(text, "The end") {
			return
		}
	}
}
