package handlers

import (
	"fmt"
	"strings"
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

// The importer keeps the ids of the first system, which may be up to 2^53.
func TestIDsMayHaveMoreThan32Bits(t *testing.T) {
	a := newApp(t)
	for _, table := range []string{"users", "tickets", "teams"} {
		a.exec("alter table " + table + " alter column id restart with 5000000000")
	}
	ana, priya := a.customer("Ana").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	lines := fmt.Sprintf("/tickets/%d/messages", id)
	ana.send("POST", lines, obj{"message": "Mine", "senderId": ana.id, "ticketId": id}).wants(201).wantsValues(obj{"senderId": float64(ana.id)})
	for field, value := range map[string]any{"senderId": priya.id, "ticketId": id + 1} {
		if got := ana.send("POST", lines, obj{"message": "Spoofed", field: value}).wants(400); !strings.Contains(fmt.Sprint(got.get("fields."+field)), "is another") {
			t.Errorf("%s: %s", field, got.body)
		}
	}
	team := priya.send("POST", "/teams", obj{"name": "Second line"}).wants(201).number("id")
	priya.send("POST", "/invitations", obj{"email": "tom@example.org", "role": "agent", "teams": []int64{team}}).wants(201)
	priya.send("GET", "/invitations", nil).wants(200).wantsValues(obj{"0.teams.0": float64(team)})
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
