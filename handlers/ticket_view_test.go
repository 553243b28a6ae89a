package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
)

func TestATicketLeadsBackToThePageOfTheViewOnWhichItIs(t *testing.T) {
	app := newApp(t)
	ana, agent := app.customer("Ana"), app.agent("Agent")
	app.many(ana.id, 2*listing.PageSize, 10)
	app.exec("update tickets set created_at = now() - id * interval '1 minute'")
	first := agent.get("/tickets?sort=created").wants(t, http.StatusOK)
	crumb := func(at string) string {
		return agent.get(at).wants(t, http.StatusOK).doc.Find(".ticket-nav .crumb").AttrOr("href", "")
	}
	if got, want := crumb(row(first, listing.PageSize)), "/tickets?sort=created#row-50"; got != want {
		t.Errorf("the last ticket of the first page leads back to %s, want %s", got, want)
	}
	second := agent.get(first.doc.Find("a[rel=next]").AttrOr("href", "")).wants(t, http.StatusOK)
	back := agent.get(crumb(row(second, listing.PageSize+7))).wants(t, http.StatusOK)
	if got, want := back.doc.Find("#queue tbody tr").First().AttrOr("id", ""), "row-57"; got != want {
		t.Errorf("a ticket of the second page leads back to a page that begins with %s, want %s", got, want)
	}
}

func TestAFormOfAnEndedSessionIsReturnedInTheViewOfItsTicket(t *testing.T) {
	app := newApp(t)
	ana, agent := app.customer("Ana"), app.agent("Agent")
	ana.open("One", desk.PriorityLow)
	ana.open("Two", desk.PriorityLow)
	at := row(agent.get("/dashboard"), 2)
	app.exec("delete from sessions where user_id = $1", agent.id)
	path, query, _ := strings.Cut(at, "?")
	to := agent.post(path+"/comments?"+query, url.Values{"text": {"A long answer."}}).Header.Get("Location")
	login, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	next := login.Query().Get("next")
	if login.Path != "/login" {
		t.Errorf(`the path is %q, want "/login"`, login.Path)
	}
	if next != at {
		t.Errorf("the next one is %q, want %q", next, at)
	}
}

func TestAListNamesTheFiltersThatItLeavesOut(t *testing.T) {
	app := newApp(t)
	agent := app.agent("Agent")
	for query, want := range map[string]string{
		"status=NOPE&assignee=zzz": "(assignee, status)", "team=0": "(team)", "category=gone&priority=low&requester=Ana": "(category, priority, requester)",
		"status=CLOSED&sort=waiting": "", "status=ALL&q=+": "", "category=1&assignee=me&team=mine&sort=oldest": "", "after=x": "",
	} {
		for _, path := range []string{"/tickets?", "/dashboard?"} {
			got := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(agent.get(path+query).wants(t, http.StatusOK).text("#ignored"))
			if want == "" && got != "" {
				t.Errorf("%s%s: got the notice %q, want none", path, query, got)
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s%s: got the notice %q, want %q in it", path, query, got, want)
			}
		}
	}
}

func TestTheNextTicketOfAViewWhoseOrderHasChangedIsTheFirst(t *testing.T) {
	app := newApp(t)
	ana, agent := app.customer("Ana"), app.agent("Agent")
	for _, subject := range []string{"One", "Two", "Three"} {
		ana.open(subject, desk.PriorityLow)
	}
	id := agent.savesView("Mine to do", "status=OPEN&sort=oldest")
	path, query, _ := strings.Cut(row(agent.get("/tickets?view="+id), 2), "?")
	agent.program().send(http.MethodPut, "/views/"+id, obj{"query": "status=OPEN&sort=created"}).wants(http.StatusOK)
	sent := agent.post(path+"/comments?"+query, url.Values{"text": {"Done."}, "then": {"next"}, "submission_id": {"a-key-of-the-test"}})
	if got, want := sent.Header.Get("Location"), "/tickets?view="+id; got != want {
		t.Errorf("the reply leads to %s, want %s", got, want)
	}
	got := agent.follow(sent).text("#flash")
	if !strings.Contains(got, "not known any more") {
		t.Errorf(`got %q, want it with "not known any more"`, got)
	}
	if strings.Contains(got, "last ticket") {
		t.Errorf(`got %q, want it without "last ticket"`, got)
	}
}
