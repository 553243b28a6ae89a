package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// ioAuth is what a client shows, as "auth" and in the header Authorization.
type ioAuth struct {
	auth   any
	header string
}

func TestOnlyAValidTokenConnectsOverSocketIO(t *testing.T) {
	a := newApp(t)
	page := a.customer("Ana")
	ana, boris, dora := page.program(), a.customer("Boris").program(), a.customer("Dora").program()
	made := page.makeToken("For scripts", "30")
	a.exec("update users set session_ver = session_ver + 1 where id = $1", boris.id)
	a.exec("update users set disabled_at = now() where id = $1", dora.id)
	late := a.customer("Lena").program()
	a.exec("update users set must_change_password = true where id = $1", late.id)
	const none, bad = "connect with io(url, { auth: { token } })", "the token has ended or is not valid"
	for name, try := range map[string]struct {
		shown   ioAuth
		refused string // a part of the sentence; "" if the client is connected
	}{
		"no auth":                    {ioAuth{}, none},
		"an empty token":             {ioAuth{auth: obj{"token": ""}}, none},
		"a token that is no text":    {ioAuth{auth: obj{"token": 7}}, none},
		"a made-up token":            {ioAuth{auth: obj{"token": "abc"}}, bad},
		"an unsigned token":          {ioAuth{auth: obj{"token": unsigned(ana.token)}}, bad},
		"a token of before a change": {ioAuth{auth: obj{"token": boris.token}}, bad},
		"a disabled account":         {ioAuth{auth: obj{"token": dora.token}}, bad},
		"a one-time password":        {ioAuth{auth: obj{"token": late.token}}, "Choose your own password"},
		"the session's cookie":       {ioAuth{header: "Cookie"}, none},
		"a signed token":             {ioAuth{auth: obj{"token": ana.token}}, ""},
		"with Bearer":                {ioAuth{auth: obj{"token": "Bearer " + ana.token}}, ""},
		"a personal token":           {ioAuth{auth: obj{"token": made}}, ""},
		"the header Authorization":   {ioAuth{header: "Bearer " + ana.token}, ""},
		"the header, personal token": {ioAuth{header: "Bearer " + made}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			header := []string{}
			switch {
			case try.shown.header == "Cookie":
				header = []string{"Cookie", page.cookie()}
			case try.shown.header != "":
				header = []string{"Authorization", try.shown.header}
			}
			c, _ := dialIO(t, a.srv.URL, header...)
			got := c.connect(try.shown.auth)
			if try.refused == "" {
				if got.name != "connect" {
					t.Errorf("got %v, want connect", got)
				}
				return
			}
			text := fmt.Sprint(got.data["message"])
			if got.name != "connect_error" {
				t.Errorf(`the name is %q, want "connect_error"`, got.name)
			}
			if !strings.Contains(text, try.refused) {
				t.Errorf("the text is %q, want it with %q", text, try.refused)
			}
		})
	}
}

// unsigned returns a signed token with the algorithm "none" and no signature (RFC 8725, 2.1).
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + "."
}

func TestARoomIsOpenToThoseWhoMayReadItsTicket(t *testing.T) {
	a := newApp(t)
	ana, boris, priya := a.customer("Ana").program(), a.customer("Boris").program(), a.admin("Priya").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	gone := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	ana.send("DELETE", fmt.Sprintf("/tickets/%d", gone), nil).wants(204)
	ana.chat(id, "Between us")
	seq := 2
	for _, try := range []struct {
		name   string
		who    *apiClient
		ticket int64
		may    bool
	}{
		{"the requester", ana, id, true}, {"staff", priya, id, true}, {"another customer", boris, id, false},
		{"the requester, a deleted ticket", ana, gone, false}, {"staff, a deleted ticket", priya, gone, false}, {"another customer, no ticket", boris, 999, false},
	} {
		c := try.who.io(a.srv.URL, obj{"pid": strings.Repeat("P", 26), "offset": fmt.Sprintf("%d:1", try.ticket)})
		if try.may && try.ticket == id {
			if got := c.texts(seq - 1); got[0] != "Between us" {
				t.Errorf("%s recovers %q", try.name, got)
			}
		}
		c.emit("join-room", try.ticket)
		if got := c.until("ack"); (got["ok"] == true) != try.may {
			t.Errorf("%s joins: %v, want %v", try.name, got, try.may)
		}
		c.emit("message", obj{"ticketId": try.ticket, "message": "By " + try.name})
		if got := c.until("ack"); (got["ok"] == true) != try.may {
			t.Errorf("%s writes: %v, want %v", try.name, got, try.may)
		}
		if try.may {
			seq++
		}
	}
	if n := len(ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200).value().([]any)); n != seq-1 {
		t.Errorf("%d messages are stored, want %d", n, seq-1)
	}
}

func TestARoomIsLeftWhenTheRightEnds(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	for name, end := range tokenEndings {
		if end == "" {
			continue // see the test of expired tokens
		}
		who := a.admin("Priya " + strings.ReplaceAll(name, " ", "-"))
		p := who.program()
		if strings.HasPrefix(name, "token") {
			p.token = who.makeToken("Late", "30")
		}
		c := p.io(a.srv.URL, nil)
		c.join(id)
		a.exec(end, who.id)
		if !strings.HasPrefix(name, "token") { // a token's end is noticed within 5 seconds, see live.Hub
			ana.chat(id, "After "+name)
		}
		for got := c.next(); got.name != "disconnect" && got.name != "close"; got = c.next() {
			if got.name == "message" && strings.Contains(fmt.Sprint(got.data["message"]), "After "+name) {
				t.Errorf("%s: got the message after the right had ended", name)
			}
		}
	}
}

func TestARoomOfADeletedTicketIsLeftAndTheConnectionStays(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	other := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	c := ana.io(a.srv.URL, nil)
	c.join(id)
	c.join(other)
	ana.send("DELETE", fmt.Sprintf("/tickets/%d", id), nil).wants(204)
	got := c.until("error_message")
	if got["ticketId"] != float64(id) {
		t.Errorf("ticketId is %v, want %v", got["ticketId"], float64(id))
	}
	if got["error"] != "not_found" {
		t.Errorf(`error is %v, want "not_found"`, got["error"])
	}
	ana.chat(other, "Still here")
	if got := c.texts(1); got[0] != "Still here" {
		t.Errorf("got %q in the other room", got)
	}
}

func TestAClientWhoseRightHasEndedLearnsNothingOfTickets(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	for _, ticket := range []int64{id, 999} {
		for event, arg := range map[string]any{"join-room": ticket, "message": obj{"ticketId": ticket, "message": "x"}} {
			who := a.admin(fmt.Sprintf("Priya %d %s", ticket, event))
			c := who.program().io(a.srv.URL, nil)
			a.exec("update users set role = 'customer', session_ver = session_ver + 1 where id = $1", who.id)
			c.emit(event, arg)
			got := c.until("ack")
			if got["error"] != "signed_out" {
				t.Errorf(`%s: %d: error is %v, want "signed_out"`, event, ticket, got["error"])
			}
			if value := fmt.Sprint(got["message"]); !strings.Contains(value, "the token has ended") {
				t.Errorf(`%s: %d: got %q, want it with "the token has ended"`, event, ticket, value)
			}
		}
	}
}
