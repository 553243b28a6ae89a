package handlers

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestInvisibleTextIsRefusedEverywhere(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	p := &apiClient{app: a, token: ana.makeToken("Nightly", "7")}
	s := ana.socket(web.TicketURL(id) + "/chat?after=1")
	before := a.data()
	for name, text := range map[string]string{"zero width space": "\u200b", "Hangul filler": "\u3164", "escape": "\x1b", "lone mark": "\u0301", "blank Braille": "\u2800"} {
		page := ana.post("/tickets", url.Values{"subject": {text}, "description": {"It went out."}, "category": {"General"}, "priority": {"Low"}}).wants(t, 422)
		if got := page.text("#subject-error"); !strings.Contains(got, "Write a subject") {
			t.Errorf("%s: the error of the subject: got %q", name, got)
		}
		ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {text}}).wants(t, 422, "Write something first.")
		p.send("POST", web.TicketURL(id)+"/comments", map[string]any{"text": text}).wants(400)
		p.send("POST", web.TicketURL(id)+"/messages", map[string]any{"message": text}).wants(400)
		s.send(map[string]any{"type": "message", "message": text, "clientMsgId": "k-" + name})
		if got := s.answer(); got.Error != "invalid" {
			t.Errorf("%s over the socket: got %+v, want it invalid", name, got)
		}
	}
	if got := before.differs(a.data()); got != "" {
		t.Errorf("stored in %s", got)
	}
}

func TestAControlCharacterIsRefusedAtItsFieldAndTheTextIsKept(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	page := ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"plain\nthen \x1b[31mred"}}).wants(t, 422)
	if got := page.text(".field-error"); !strings.Contains(got, "Line 2 contains a control character (U+001B)") {
		t.Errorf("the error of the text: got %q", got)
	}
	if got := page.value("#comment-form textarea, form[action$='/comments'] textarea"); !strings.Contains(got, "then \x1b[31mred") {
		t.Errorf("the form has the text %q", got)
	}
}
