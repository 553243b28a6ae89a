package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestStaffOpenATicketForACustomerOnThePage(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	if ana.get("/tickets/new").has("[name=requester]") || !tom.get("/tickets/new").has("[name=requester]") {
		t.Error("the field for the requester is not for staff only")
	}
	form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"}, "requester": {"ana@"}, "waiting": {"1"}}
	wrong := tom.post("/tickets", form)
	if wrong.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong address: got status %d, want %d", wrong.StatusCode, http.StatusUnprocessableEntity)
	}
	if wrong.text("#requester-error") == "" {
		t.Error("a wrong address: the text of #requester-error is empty")
	}
	if value := wrong.value("#requester"); value != "ana@" {
		t.Errorf("a wrong address: the value of #requester is %q, want %q", value, "ana@")
	}
	if !wrong.has("[name=waiting][checked]") {
		t.Error("a wrong address: the page has no [name=waiting][checked]")
	}
	form.Set("requester", ana.email())
	page := tom.follow(tom.post("/tickets", form))
	if got := page.text("#s1 header"); !strings.Contains(got, "Ana asked; Tom entered this") {
		t.Errorf("the ticket says %q", got)
	}
	if list := ana.get("/tickets"); !strings.Contains(list.text("main"), "By telephone") {
		t.Error("the customer does not see the ticket in their list")
	}
	ana.post("/tickets", form).wants(t, http.StatusForbidden)
}

func TestTheOtherTicketsOfARequesterAreBesideATicketForStaffOnly(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	first, second := app.opensTicket(ana, "First"), app.opensTicket(ana, "Second")
	page := tom.get(web.TicketURL(first))
	if got := page.doc.Find("#requester-tickets li a").AttrOr("href", ""); got != web.TicketURL(second) || !strings.Contains(page.text("#requester-tickets"), "1 is unresolved.") {
		t.Errorf("the first of the other tickets is %q: %q", got, page.text("#requester-tickets"))
	}
	if ana.get(web.TicketURL(first)).has("#requester-tickets") {
		t.Error("the customer has the list of staff")
	}
}

func TestProgramsOfStaffOpenATicketForACustomer(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	body := obj{"subject": "By telephone", "description": "It is dark.", "requester": ana.email()}
	got := tom.program().send(http.MethodPost, "/tickets", body)
	if got.StatusCode != http.StatusCreated || got.number("userId") != ana.id {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
	for name, c := range map[string]struct {
		who  *client
		body obj
		want int
	}{
		"customer":      {ana, obj{"subject": "S", "description": "D", "requester": tom.email()}, http.StatusForbidden},
		"wrong address": {tom, obj{"subject": "S", "description": "D", "requester": "nobody"}, http.StatusBadRequest},
		"number":        {tom, obj{"subject": "S", "description": "D", "requester": 7}, http.StatusBadRequest},
	} {
		if got := c.who.program().send(http.MethodPost, "/tickets", c.body); got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, got.StatusCode, c.want)
		}
	}
}
