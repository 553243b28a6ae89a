package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

func TestStaffOpenATicketForACustomerOnThePage(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	ana.get("/tickets/new").lacksElements(t, "[name=requester]")
	tom.get("/tickets/new").wantsElements(t, "[name=requester]")
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
	if got := page.text("#s1 header"); !strings.Contains(got, "Ana requested this; Tom opened it") {
		t.Errorf("the ticket says %q", got)
	}
	if list := ana.get("/tickets"); !strings.Contains(list.text("main"), "By telephone") {
		t.Error("the customer does not see the ticket in their list")
	}
	ana.post("/tickets", form).wants(t, http.StatusForbidden)
}

func TestStaffFindTheCustomerOfATicketByName(t *testing.T) {
	app := newApp(t)
	ana, other, tom := app.customer("Ana"), app.customer("Anabel"), app.agent("Tom")
	form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"}, "requester": {"ana"}}
	found := tom.post("/tickets", form)
	found.wants(t, http.StatusUnprocessableEntity, "Anabel")
	for _, place := range []string{".error-summary", "#requester-error"} {
		if got := found.text(place); !strings.Contains(got, "Choose below who it is.") {
			t.Errorf("%s says %q", place, got)
		}
	}
	n := found.doc.Find("[name=requester_choice]").Length()
	if n != 2 {
		t.Errorf("%d users are offered, want 2", n)
	}
	found.lacksElements(t, "[name=requester_choice][checked]")
	form.Set("requester", "nábel")
	tom.post("/tickets", form).wantsValues(t, map[string]string{"[name=requester_choice]": other.email()}).lacksElements(t, "[name=requester_choice][checked]")
	form.Set("requester", "Nobody here")
	tom.post("/tickets", form).wants(t, http.StatusUnprocessableEntity, "No user with this name was found.")

	part := tom.get("/tickets/new?requester=nabel", htmx...)
	part.lacksElements(t, "h1")
	if got := part.doc.Find("[name=requester_choice]").AttrOr("value", ""); got != other.email() {
		t.Errorf("value of [name=requester_choice] is %q, want %q", got, other.email())
	}
	if got := ana.get("/tickets/new?requester=nabel", htmx...); got.has("[name=requester_choice]") {
		t.Errorf("a customer gets %s", got.body)
	}

	form.Set("requester", "ana")
	form.Set("requester_found", "ana")
	form.Set("requester_choice", other.email())
	if got := tom.follow(tom.post("/tickets", form)).text("#s1 header"); !strings.Contains(got, "Anabel requested this; Tom opened it") {
		t.Errorf("the ticket says %q", got)
	}
}

func TestTheChoiceOfACustomerCountsOnlyForTheNameThatIsInTheField(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"}, "requester_found": {"ana"}, "requester_choice": {ana.email()}}
	for requester, want := range map[string]string{"sam@example.org": "sam requested this; Tom opened it", "": "Tom"} {
		form.Set("requester", requester)
		if got := tom.follow(tom.post("/tickets", form)).text("#s1 header"); !strings.HasPrefix(got, want) {
			t.Errorf("for %q, the ticket says %q, want %q", requester, got, want)
		}
	}
}

func TestBackDoesNotRestoreTheFormOfATicketThatWasOpenedForACustomer(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	first := func() string {
		return tom.get("/tickets/new").doc.Find("form[data-draft=new-ticket] input").First().AttrOr("name", "")
	}
	before := first()
	tom.post("/tickets", url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"}, "requester": {ana.email()}}).wants(t, http.StatusSeeOther)
	after := first()
	if after == before {
		t.Errorf("the first field has the name %q, want a new one", after)
	}
	if !strings.HasPrefix(after, "after-") {
		t.Errorf(`the first field has the name %q, want the prefix "after-"`, after)
	}
}

func TestAFormThatIsSentAgainForAnotherCustomerOpensNoSecondTicket(t *testing.T) {
	app := newApp(t)
	ana, sam, tom := app.customer("Ana"), app.customer("Sam"), app.agent("Tom")
	for i, requesters := range [][2]string{{ana.email(), sam.email()}, {"", sam.email()}, {ana.email(), ""}} {
		form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"},
			"submission_id": {fmt.Sprint("form-", i)}, "requester": {requesters[0]}}
		first := tom.post("/tickets", form).wants(t, http.StatusSeeOther)
		form.Set("requester", requesters[1])
		tom.post("/tickets", form).wants(t, http.StatusConflict, "already sent")
		form.Set("requester", requesters[0])
		if again := tom.post("/tickets", form).wants(t, http.StatusSeeOther); again.Header.Get("Location") != first.Header.Get("Location") {
			t.Errorf("for %q, the form leads to %s, then to %s", requesters, first.Header.Get("Location"), again.Header.Get("Location"))
		}
	}
}

func TestOneFormThatIsSentForSeveralCustomersAtOnceOpensOneTicket(t *testing.T) {
	app := newApp(t)
	ana, sam, tom := app.customer("Ana"), app.customer("Sam"), app.agent("Tom")
	for round := range 5 {
		var done sync.WaitGroup
		var sent atomic.Int32
		for _, requester := range []string{ana.email(), sam.email(), ""} {
			form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"},
				"submission_id": {fmt.Sprint("round-", round)}, "requester": {requester}}
			done.Go(func() {
				if tom.post("/tickets", form).StatusCode == http.StatusSeeOther {
					sent.Add(1)
				}
			})
		}
		done.Wait()
		if n := sent.Load(); n != 1 {
			t.Errorf("round %d: %d forms were accepted", round, n)
		}
	}
	if n := app.count("select count(*) from tickets"); n != 5 {
		t.Errorf("%d tickets were opened, want 5", n)
	}
}

func TestTheOtherTicketsOfARequesterAreBesideATicketForStaffOnly(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	first, second := app.opensTicket(ana, "First"), app.opensTicket(ana, "Second")
	page := tom.get(web.TicketURL(first))
	got := page.doc.Find("#requester-tickets li a").AttrOr("href", "")
	if got != web.TicketURL(second) {
		t.Errorf("the first of the other tickets is %q, want %q", got, web.TicketURL(second))
	}
	if got := page.text("#requester-tickets"); !strings.Contains(got, "1 is unresolved.") {
		t.Errorf(`the text of #requester-tickets is %q, want it with "1 is unresolved."`, got)
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
	got.wants(http.StatusCreated).wantsValues(obj{"userId": ana.id})
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

func TestTheListMarksEntriesOfATicketThatItsRequesterHasNotOpened(t *testing.T) {
	app := newApp(t)
	ana, tom := app.customer("Ana"), app.agent("Tom")
	wantsMark := func(when, want string) {
		t.Helper()
		if got := ana.get("/tickets").wants(t, http.StatusOK).text("main .unread"); got != want {
			t.Errorf("%s, the list has the mark %q, want %q", when, got, want)
		}
	}
	own := ana.open("The brakes squeak", desk.PriorityMedium).ID
	wantsMark("after one's own ticket", "")
	comment := url.Values{"text": {"We look at it."}}
	tom.post(web.TicketURL(own)+"/comments", comment).wants(t, http.StatusSeeOther)
	wantsMark("after an answer", "1 new")
	ana.get(web.TicketURL(own)).wants(t, http.StatusOK).lacksElements(t, "#new")
	wantsMark("after a visit", "")
	form := url.Values{"subject": {"By telephone"}, "description": {"The lamp is dark."}, "category": {"2"}, "priority": {"Low"}, "requester": {ana.email()}}
	tom.post("/tickets", form).wants(t, http.StatusSeeOther)
	wantsMark("after a ticket that staff opened", "1 new")
}
