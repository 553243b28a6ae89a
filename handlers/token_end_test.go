package handlers

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/live"
)

// lastMoments advances the clock until signed tokens created now are accepted for only a few
// more seconds.
func (a *app) lastMoments() { a.later(web.TokenLifetime + web.TokenLeeway/2) }

// tokensEnd advances the clock further, until they are refused.
func (a *app) tokensEnd() { a.later(web.TokenLeeway) }

func TestASocketOfASignedTokenEndsWithIt(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	path := fmt.Sprintf("/tickets/%d/chat", id)
	a.lastMoments()
	s, _ := ana.socket(path)
	ticket := priya.send("POST", "/ws-ticket", nil).wants(201).get("ticket").(string)
	his, _ := (&apiClient{app: a}).socket(path + "?ticket=" + ticket)
	a.tokensEnd()
	for _, s := range []*socket{s, his} {
		s.send(obj{"event": "message", "data": obj{"message": "too late"}})
		text, closed := s.next()
		for ; closed == 0; text, closed = s.next() {
			if !strings.Contains(text, "signed_out") {
				t.Errorf("a message after the end: got %s, want an error signed_out", text)
			}
		}
		if closed != live.CloseSignedOut {
			t.Errorf("closed with %d, want %d", closed, live.CloseSignedOut)
		}
	}
	if n := a.count("select count(*) from ticket_events where kind = 'message'"); n != 0 {
		t.Errorf("got %d stored messages, want none", n)
	}
}

func TestEventsAfterTheExpiryOfASignedTokenAreNotSent(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana").program(), a.admin("Priya")
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	a.lastMoments()
	s, _ := ana.socket(fmt.Sprintf("/tickets/%d/chat", id))
	a.tokensEnd()
	priya.signIn()
	a.addsComment(priya, int64(id), "not for her any more")
	if text, closed := s.next(); closed != live.CloseSignedOut {
		t.Errorf("got %q, closed with %d; want it closed with %d", text, closed, live.CloseSignedOut)
	}
}

func TestASocketTicketDoesNotOutliveItsSignedToken(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	a.lastMoments()
	ticket := ana.send("POST", "/ws-ticket", nil).wants(201).get("ticket").(string)
	a.tokensEnd()
	ana.send("GET", "/tickets", nil).wants(401)
	s, resp := (&apiClient{app: a}).socket(fmt.Sprintf("/tickets/%d/chat?ticket=%s", id, ticket))
	if s != nil {
		t.Errorf("got the socket %v, want none", s)
	}
	if resp.StatusCode != 401 {
		t.Errorf("the status is %d, want 401", resp.StatusCode)
	}
}

func TestALinkToAFileExpiresWithTheSignedTokenThatCreatedIt(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	made := ana.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D", "category": "Billing", "priority": "Low"}, map[string]string{"attachment": "the invoice"}).wants(201)
	a.lastMoments()
	link := ana.send("POST", made.get("attachment").(string)+"/link", nil).wants(201).get("url").(string)
	nobody := &apiClient{app: a}
	nobody.send("GET", link, nil).wants(200)
	// A link of the version before does not contain the expiry.
	if strings.Count(link, ".") < 3 {
		t.Errorf("%s does not contain the expiry of the token", link)
	}
	a.tokensEnd()
	nobody.send("GET", link, nil).wants(401)
}
