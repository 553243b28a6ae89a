package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// joined returns the subjects of the entries of a list, in their order.
func joined(list []map[string]any) string {
	var b strings.Builder
	for _, t := range list {
		b.WriteString(t["subject"].(string))
	}
	return b.String()
}

// orderApp is a desk with 25 tickets whose times, statuses and priorities differ, and an agent
// to whom nine of them are assigned.
func orderApp(t *testing.T) (*app, *client) {
	t.Helper()
	a := newApp(t)
	agent := a.agent("Agent")
	a.many(a.customer("Ana").id, 25, 10)
	a.exec(`update tickets set created_at = now() - id * 7 % 50 * interval '1 hour', updated_at = now() - id * 3 % 20 * interval '1 hour',
		waiting_since = case when id % 3 = 0 then now() - id * 5 % 60 * interval '1 hour' end`)
	a.exec("update tickets set assignee_id = $1 where category_id = 1", agent.id)
	return a, agent
}

func TestAListOfTheAPIHasTheOrderOfThePage(t *testing.T) {
	_, agent := orderApp(t)
	p := agent.program()
	for _, query := range []string{
		"sort=updated", "sort=created", "sort=oldest", "sort=urgent", "sort=waiting",
		"sort=updated&status=ACTIVE", "sort=urgent&status=OPEN", "sort=waiting&status=WAITING", "sort=waiting&assignee=none", "sort=oldest&assignee=me&category=1",
	} {
		page := agent.get("/tickets?"+query).wants(t, 200).subjects()
		whole := joined(p.send("GET", "/tickets?"+query, nil).listed())
		paged, _ := p.walk("/tickets?limit=4&" + query)
		if page == "" {
			t.Errorf("%s: the page is empty", query)
		}
		if whole != page {
			t.Errorf("%s: the whole list is\n%s, want that of the page\n%s", query, whole, page)
		}
		if got := joined(paged); got != page {
			t.Errorf("%s: the list in pages is\n%s, want that of the page\n%s", query, got, page)
		}
	}
}

func TestAListOfTheAPIWithoutAnOrderIsSortedByNumber(t *testing.T) {
	a, agent := orderApp(t)
	p := agent.program()
	for _, query := range []string{"limit=4", "limit=4&status=ACTIVE", "limit=1&status=WAITING", fmt.Sprint("limit=4&requester=", a.count("select id from users where username = 'Ana'"))} {
		paged, pages := p.walk("/tickets?" + query)
		for i := range paged[:max(0, len(paged)-1)] {
			if paged[i]["id"].(float64) <= paged[i+1]["id"].(float64) {
				t.Errorf("%s: %v comes before %v", query, paged[i]["id"], paged[i+1]["id"])
			}
		}
		if pages < 2 {
			t.Errorf("%s: got %d pages, want more", query, pages)
		}
	}
}

func TestAProgramListsTheTicketsOfAViewWithItsQuery(t *testing.T) {
	a, agent := orderApp(t)
	id := agent.savesView("Late ones of Ana", fmt.Sprint("status=WAITING&sort=waiting&requester=", a.count("select id from users where username = 'Ana'")))
	p := agent.program()
	query := p.send("GET", "/views/"+id, nil).wants(200).get("query").(string)
	got := joined(p.send("GET", "/tickets?"+query, nil).listed())
	want := agent.get("/tickets?view=" + id).subjects()
	if got == "" {
		t.Errorf("%s lists nothing", query)
	}
	if got != want {
		t.Errorf("%s lists %s, want %s", query, got, want)
	}
}

func TestAProgramMayNotSortOrFilterAsItsUserMayNot(t *testing.T) {
	a, agent := orderApp(t)
	staff, ana := agent.program(), a.customer("Boris").program()
	for _, c := range []struct {
		who          *apiClient
		query, field string
	}{
		{ana, "sort=waiting", "sort"}, {ana, "status=WAITING", "status"}, {ana, "requester=1", "requester"}, {ana, "assignee=none", "assignee"}, {ana, "team=none", "team"},
		{staff, "sort=waiting&status=CLOSED", "sort"}, {staff, "sort=number", "sort"}, {staff, "sort=", ""}, {staff, "requester=Ana", "requester"},
		{staff, "category=None", "category"}, {staff, "sort=updated&after=7", "after"}, {staff, "after=AACAAAAAAAAAAAAAAAAAAAAB", "after"}, {staff, "q=%20", ""},
	} {
		got := c.who.send("GET", "/tickets?"+c.query, nil)
		if c.field == "" {
			got.wants(200)
		} else if got.wants(400).get("fields."+c.field) == nil {
			t.Errorf("%s: got %s, want an error of %s", c.query, got.body, c.field)
		}
	}
}

func TestOnlyOtherStaffSeeSinceWhenARequesterWaits(t *testing.T) {
	a := newApp(t)
	ana, agent := a.customer("Ana").program(), a.agent("Agent").program()
	own := fmt.Sprintf("/tickets/%d", agent.send("POST", "/tickets", invoice).wants(201).number("id"))
	path := fmt.Sprintf("/tickets/%d", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	opened := ana.send("GET", path, nil).wants(200).get("createdAt")
	for _, r := range []reply{ana.send("GET", path, nil), agent.send("GET", own, nil), ana.send("GET", "/tickets", nil)} {
		if strings.Contains(string(r.wants(200).body), "waitingSince") {
			t.Errorf("got waitingSince in %s", r.body)
		}
	}
	if got := agent.send("GET", path, nil).wants(200).get("waitingSince"); got != opened {
		t.Errorf("the requester waits since %v, want %v", got, opened)
	}
	agent.send("POST", path+"/comments", obj{"text": "It is sent again."}).wants(201)
	if got := string(agent.send("GET", path, nil).wants(200).body); !strings.Contains(got, `"waitingSince":null`) {
		t.Errorf("got %s after an answer, want null for waitingSince", got)
	}
}
