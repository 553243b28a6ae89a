package handlers

import (
	"fmt"
	"testing"
)

func TestAFilterErrorNamesTheParameter(t *testing.T) {
	a := newApp(t)
	p := a.customer("Ana").program()
	for query, field := range map[string]string{"status=NOPE": "status", "priority=low": "priority", "category=%00": "category", "q=%ff": "q", "limit=0": "limit", "after=x": "after"} {
		if got := p.send("GET", "/tickets?"+query, nil).wants(400); got.get("fields."+field) == nil {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}

func TestAMessageInAnotherNameOrForAnotherTicketIsRefused(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	lines := fmt.Sprintf("/tickets/%d/messages", id)
	for field, value := range map[string]any{"senderId": priya.id, "ticketId": id + 1} {
		got := ana.send("POST", lines, obj{"message": "Spoofed", field: value}).wants(400)
		if got.get("fields."+field) == nil {
			t.Errorf("%s: %s", field, got.body)
		}
	}
	if n := a.count("select count(*) from ticket_events where kind = 'message'"); n != 0 {
		t.Errorf("%d messages are stored", n)
	}
	ana.send("POST", lines, obj{"message": "Mine", "senderId": ana.id, "ticketId": id}).wants(201)
}

func TestErrorsAreNotCacheable(t *testing.T) {
	a := newApp(t)
	p := a.customer("Ana").program()
	for path, status := range map[string]int{"/nothing": 404, "/ws-ticket": 405, "/tickets/0": 403} {
		if got := p.send("GET", path, nil).wants(status); got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d may be cached: %q", path, status, got.Header.Get("Cache-Control"))
		}
	}
}
