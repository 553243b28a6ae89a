package handlers

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

func TestConnectionsOfSocketIOLeaveTheSocketsOfPages(t *testing.T) {
	a := newApp(t)
	page := a.customer("Ana")
	ana := page.program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	for range 5 { // as many as a user's pages may have
		ana.io(a.srv.URL, nil).join(id)
	}
	tab := page.socket(fmt.Sprintf("/tickets/%d/chat?after=1", id))
	ana.chat(id, "Hello")
	if tab.updates().Find("#s2").Length() != 1 {
		t.Error("the page does not follow the ticket")
	}
}

func TestAConnectionBeyondTheLimitOfAUserTriesAgainWithoutCountingAsAnAction(t *testing.T) {
	const most = 20
	a := newApp(t, func(o *desk.Options) { o.Limits.Actions = limit.Limit{N: most + 1, Per: time.Hour} })
	ana := a.customer("Ana").program()
	first := ana.io(a.srv.URL, nil)
	for range most - 1 {
		ana.io(a.srv.URL, nil)
	}
	for range 3 {
		c, _ := dialIO(t, a.srv.URL)
		if got := c.connect(obj{"token": ana.token}); got.name != "close" {
			t.Fatalf("a connection beyond the limit is answered %v, want the end without a reason", got)
		}
	}
	first.conn.Close()
	got := ioPacket{name: "close"}
	for end := time.Now().Add(10 * time.Second); got.name == "close" && time.Now().Before(end); { // until the desk has noticed
		c, _ := dialIO(t, a.srv.URL)
		if got = c.connect(obj{"token": ana.token}); got.name == "close" {
			c.conn.Close()
		}
	}
	if got.name != "connect" {
		t.Errorf("after another has left, a connection is answered %v", got)
	}
}
