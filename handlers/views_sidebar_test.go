package handlers

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestEveryPageOfStaffHasTheViewsWithTheirNumbers(t *testing.T) {
	a, agent := viewsApp(t)
	id := agent.savesView("Hot", "priority=Urgent")
	a.exec("update tickets set waiting_since = now() - interval '2 days' where id = 1")
	for _, path := range []string{"/tickets", "/views", "/account", "/tickets/1"} {
		got := agent.get(path).wants(t, 200)
		for name, want := range map[string]string{"/dashboard": "2", "/tickets?sort=waiting&status=WAITING": "1", "/tickets": "", "/tickets?view=" + id: "1"} {
			link := got.doc.Find(`#views a[href="` + name + `"]`)
			if got := link.Length(); got != 1 {
				t.Errorf("%s: got %d links to %s, want 1", path, got, name)
			}
			if got := link.Find("small").Text(); got != want {
				t.Errorf("%s: the text of small is %q, want %q", path, got, want)
			}
		}
	}
	agent.post("/views/"+id, url.Values{"do": {"unpin"}}).wants(t, 303)
	if agent.get("/tickets").has(`#views a[href="/tickets?view=` + id + `"]`) {
		t.Error("the view is in the sidebar after it was unpinned")
	}
	if a.customer("Ben").get("/tickets").has("#views") {
		t.Error("a customer has views")
	}
}

func TestAPageHasTheBuiltInViewsWithoutNumbersIfViewsCannotBeRead(t *testing.T) {
	a, agent := viewsApp(t)
	a.exec("alter table view_pins rename to away")
	got := agent.get("/account").wants(t, 200)
	var links []string
	for _, link := range got.doc.Find("#views ul").First().Find("a").EachIter() {
		links = append(links, strings.Join(strings.Fields(link.Text()), " ")+" "+link.AttrOr("href", ""))
	}
	want := []string{"Mine /tickets?assignee=me&sort=waiting&status=ACTIVE", "Unassigned /tickets?assignee=none&sort=waiting&status=ACTIVE",
		"Waiting longest /dashboard", "Overdue /tickets?sort=waiting&status=WAITING", "All tickets /tickets"}
	if !slices.Equal(links, want) {
		t.Errorf("the views are %q, want %q", links, want)
	}
}

func TestTheOpenViewIsMarkedAndReplacedWithTheQueue(t *testing.T) {
	_, agent := viewsApp(t)
	view := "/tickets?view=" + agent.savesView("Hot", "priority=Urgent")
	for _, headers := range [][]string{nil, htmx} {
		if got := agent.get(view, headers...).wants(t, 200).text(`.views a[aria-current]`); !strings.Contains(got, "Hot") {
			t.Errorf("with %v the current view is %q, want Hot", headers, got)
		}
	}
}

func TestAPageWaitsForNoNumberThatIsLate(t *testing.T) {
	a, agent := viewsApp(t)
	agent.savesView("Hot", "priority=Urgent")
	a.exec("alter table tickets rename to all_tickets")
	a.exec("create view tickets as select t.* from all_tickets t where pg_sleep(10) is not null")
	if got := agent.get("/views").wants(t, 200).doc.Find("#views small:contains('–')").Length(); got != 5 {
		t.Errorf("got %d late numbers, want 5", got)
	}
}
