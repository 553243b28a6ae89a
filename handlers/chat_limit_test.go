package handlers

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"frontdesk/handlers/web"
)

func TestTheSixthSocketOfAUserIsRefused(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	var open []*socket
	for range 5 {
		open = append(open, ana.socket(web.TicketURL(id)+"/chat"))
	}
	_, resp, err := ana.dial(web.TicketURL(id) + "/chat")
	if err == nil {
		t.Fatal("the sixth socket: got no error, want one")
	}
	if resp.StatusCode != 429 {
		t.Fatalf("the sixth socket: the status is %d, want 429", resp.StatusCode)
	}
	open[0].conn.Close()
	for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
		if conn, _, err := ana.dial(web.TicketURL(id) + "/chat"); err == nil {
			conn.Close()
			return
		}
	}
	t.Fatal("a closed socket still counts")
}

func TestSocketsAreClosedWhenTheServerStops(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	s := ana.socket(web.TicketURL(id) + "/chat?after=1")
	a.handler.CloseSockets()
	s.closes(websocket.CloseServiceRestart)
	_, resp, err := ana.dial(web.TicketURL(id) + "/chat")
	if err == nil {
		t.Fatal("a socket of a server that stops: got no error, want one")
	}
	if resp.StatusCode != 429 {
		t.Errorf("a socket of a server that stops: the status is %d, want 429", resp.StatusCode)
	}
}
