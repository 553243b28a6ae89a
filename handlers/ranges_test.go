package handlers

import (
	"fmt"
	"net/url"
	"testing"

	"frontdesk/handlers/web"
)

// noVersion are versions that the ticket of version 1 does not have.
var noVersion = []string{"4294967297", "18446744073709551617", "9223372036854775808", "99999999999999999999999999", "2147483648", "2"}

func TestAVersionOutOfRangeMatchesNoTicket(t *testing.T) {
	a := newApp(t)
	ana, boss := a.customer("Ana"), a.admin("Boss")
	id := a.opensTicket(ana, "Mine")
	owner, admin := &apiClient{app: a, token: ana.program().token}, &apiClient{app: a, token: boss.program().token}
	before := a.data()
	for _, version := range noVersion {
		tag := fmt.Sprintf("%q", version)
		if got := owner.send("PUT", web.TicketURL(id), obj{"subject": "Changed"}, "If-Match", tag); got.StatusCode != 409 {
			t.Errorf("PUT with If-Match %s: got %d, want 409", tag, got.StatusCode)
		}
		if got := admin.send("PATCH", web.TicketURL(id)+"/status", obj{"status": "CLOSED"}, "If-Match", tag); got.StatusCode != 409 {
			t.Errorf("PATCH with If-Match %s: got %d, want 409", tag, got.StatusCode)
		}
		if got := owner.send("PUT", web.TicketURL(id), fmt.Sprintf(`{"subject": "Changed", "version": %s}`, version), "Content-Type", "application/json"); got.StatusCode != 409 && got.StatusCode != 400 {
			t.Errorf("PUT with version %s: got %d, want 409 or 400", version, got.StatusCode)
		}
	}
	for _, number := range []string{"null", "0", "-0", "0.0", "1e10", "1.5", "-1", "true", "[1]", "1e400"} {
		if got := owner.send("PUT", web.TicketURL(id), fmt.Sprintf(`{"subject": "Changed", "version": %s}`, number), "Content-Type", "application/json"); got.StatusCode != 409 && got.StatusCode != 400 {
			t.Errorf("PUT with version %s: got %d, want 409 or 400", number, got.StatusCode)
		}
		if got := admin.send("PATCH", web.TicketURL(id)+"/status", fmt.Sprintf(`{"status": "CLOSED", "version": %s}`, number), "Content-Type", "application/json"); got.StatusCode != 409 && got.StatusCode != 400 {
			t.Errorf("PATCH with version %s: got %d, want 409 or 400", number, got.StatusCode)
		}
	}
	if moved := before.differs(a.data()); moved != "" {
		t.Errorf("changed %s", moved)
	}
}

func TestAFormWithoutAVersionIsStale(t *testing.T) {
	a := newApp(t)
	ana, boss := a.customer("Ana"), a.admin("Boss")
	id := a.opensTicket(ana, "Mine")
	before := a.data()
	for _, version := range append(noVersion, "abc", "1x", "-1", "1.0", " ", "1 0", "0x1") {
		form := url.Values{"subject": {"Changed"}, "description": {"Changed"}, "category": {"Billing"}, "priority": {"High"}, "version": {version}}
		ana.post(web.TicketURL(id), form).wants(t, 409)
		boss.post(web.TicketURL(id)+"/status", url.Values{"status": {"CLOSED"}, "version": {version}}).wants(t, 409)
		boss.post(web.TicketURL(id)+"/triage", url.Values{"status": {"CLOSED"}, "priority": {"High"}, "category": {"1"}, "version": {version}}).wants(t, 409)
	}
	if moved := before.differs(a.data()); moved != "" {
		t.Errorf("changed %s", moved)
	}
}

func TestASeenSeqIsLimitedToTheLastEntry(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	hers := ana.socket(web.TicketURL(id) + "/chat?after=1")
	hers.send(map[string]any{"type": "seen", "seq": int64(1) << 52})
	hers.send(map[string]any{"type": "message", "message": "Hello", "clientMsgId": "k"})
	if got := hers.answer(); got.Type != "ack" {
		t.Fatalf("got %+v", got)
	}
	ana.get(web.TicketURL(id)+"/events?after=1&seen=4503599627370496", htmx...).wants(t, 200)
	priya.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Yes"}}).wants(t, 303)
	if n := a.count("select count(*) from ticket_reads where ticket_id = $1 and seq > 3", id); n != 0 {
		t.Errorf("%d have seen more entries than there are", n)
	}
	if got := priya.get(web.TicketURL(id)).wants(t, 200); got.has("#chat-seen:not([hidden])") {
		t.Errorf("the message is shown as seen: %q", got.text("#chat-seen"))
	}
}
