package handlers

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestTheLastOwnMessageShowsThatItIsSeen(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana Kovač"), a.admin("Priya Nair"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	wantText := func(by *client, want string) {
		t.Helper()
		got := by.get(web.TicketURL(id)).wants(t, 200).doc.Find("#chat-seen")
		_, hidden := got.Attr("hidden")
		text := strings.TrimSpace(got.Text())
		if hidden != (want == "") {
			t.Errorf("%s: hidden is %t, want %t", by.name, hidden, want == "")
		}
		if want != "" && text != want {
			t.Errorf("%s: got %q, want %q", by.name, text, want)
		}
	}
	wantText(ana, "")
	line := ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Hello?"}})
	line.leadsTo(t, web.TicketURL(id)+"#s2")
	wantText(ana, "")
	wantText(priya, "")
	wantText(ana, "Seen by staff")
	wantText(tom, "")
	priya.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Yes?"}})
	wantText(priya, "")
	wantText(ana, "") // the last message is not hers
	wantText(priya, "Seen by Ana")
	wantText(tom, "") // the last message is not his
	ana.get(web.TicketURL(id)).lacks(t, "Seen by Tom")
}
