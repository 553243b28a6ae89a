package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"frontdesk/db/dbtest"
)

// listed returns the entries of a list as JSON objects.
func (r reply) listed() (out []map[string]any) {
	r.t.Helper()
	if err := json.Unmarshal(r.wants(200).body, &out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

var nextLink = regexp.MustCompile(`^</api([^>]*)>; rel="next"$`)

// walk requests all pages of a list by their next links, and returns the entries and the
// number of pages.
func (p *apiClient) walk(path string) (all []map[string]any, pages int) {
	p.app.t.Helper()
	for path != "" {
		got := p.send("GET", path, nil)
		all, pages = append(all, got.listed()...), pages+1
		m := nextLink.FindStringSubmatch(got.Header.Get("Link"))
		if path = ""; m != nil {
			path = m[1]
		}
		if pages > 100 {
			p.app.t.Fatal("the links form a loop")
		}
	}
	return all, pages
}

// many inserts n tickets of an owner, with descriptions of the given length.
func (a *app) many(owner int64, n, length int) {
	a.t.Helper()
	a.exec("alter table tickets disable trigger tickets_searched") // these tests do not search
	defer a.exec("alter table tickets enable trigger tickets_searched")
	dbtest.Prepare(a.t, a.pool, `insert into tickets (requester_id, subject, description, category_id, priority, status, submission_id, submission_hash)
		select $1, 'Ticket ' || i, rpad('', $3, 'many words '), 1 + i % 3, (array['Low', 'Medium', 'High', 'Urgent'])[1 + i % 4]::ticket_priority,
		(array['OPEN', 'IN_PROGRESS', 'RESOLVED', 'CLOSED'])[1 + i % 4]::ticket_status, 'many ' || i, '' from generate_series(1, $2) i`, owner, n, length)
}

func TestTheNextLinksOfAListReachAllEntries(t *testing.T) {
	a := newApp(t)
	ana, boris, boss := a.customer("Ana").program(), a.customer("Boris").program(), a.admin("Boss").program()
	a.many(ana.id, 25, 10)
	a.many(boris.id, 5, 10)
	a.exec("insert into teams (name, name_key) values ('Brakes', 'brakes')")
	a.exec("update tickets set team_id = (select id from teams), assignee_id = $1 where category_id = 1", boss.id) // 9 tickets
	for name, c := range map[string]struct {
		who         *apiClient
		path        string
		size, pages int
	}{
		"one's own": {ana, "/tickets", 25, 4}, "all of staff's": {boss, "/tickets", 30, 5}, "filtered": {boss, "/tickets?status=OPEN&priority=Low", 7, 1},
		"of an assignee": {boss, "/tickets?assignee=me", 9, 2}, "of a team": {boss, "/tickets?team=1", 9, 2}, "in a category": {boss, "/tickets?category=1", 9, 2},
		"none": {ana, "/tickets?status=OPEN&priority=High", 0, 1}, "a full last page": {boris, "/tickets", 5, 1},
	} {
		whole := c.who.send("GET", c.path, nil).listed()
		sep := "?"
		if strings.Contains(c.path, "?") {
			sep = "&"
		}
		paged, pages := c.who.walk(c.path + sep + "limit=7")
		if len(whole) != c.size {
			t.Errorf("%s: got %d elements, want %d: %v", name, len(whole), c.size, whole)
		}
		if pages != c.pages {
			t.Errorf("%s: got %d pages, want %d", name, pages, c.pages)
		}
		if got := fmt.Sprint(whole); got != fmt.Sprint(paged) {
			t.Errorf("%s: the whole list is %s, want that of the pages, %v", name, got, paged)
		}
		for i := range whole[:max(0, len(whole)-1)] {
			if whole[i]["id"].(float64) <= whole[i+1]["id"].(float64) {
				t.Errorf("%s is not sorted from newest to oldest", name)
			}
		}
	}
	one := fmt.Sprintf("/tickets/%d", boris.send("POST", "/tickets", invoice).wants(201).number("id"))
	for i := range 9 {
		boris.send("POST", one+"/comments", obj{"text": fmt.Sprint("Comment ", i)}).wants(201)
		boris.send("POST", one+"/messages", obj{"message": fmt.Sprint("Line ", i)}).wants(201)
	}
	for _, path := range []string{one + "/comments", one + "/messages"} {
		whole := boris.send("GET", path, nil).listed()
		paged, pages := boris.walk(path + "?limit=3")
		if len(whole) != 9 {
			t.Errorf("%s: got %d elements, want 9: %v", path, len(whole), whole)
		}
		if pages != 3 {
			t.Errorf("%s: got %d pages, want 3", path, pages)
		}
		if got := fmt.Sprint(whole); got != fmt.Sprint(paged) {
			t.Errorf("%s: the whole list is %s, want that of the pages, %v", path, got, paged)
		}
	}
	last := boris.send("GET", one+"/messages", nil).listed()[5]
	got := boris.send("GET", fmt.Sprintf("%s/messages?after=%.0f", one, last["seq"]), nil).listed()
	if len(got) != 3 {
		t.Fatalf("after the position: got %d elements, want 3: %v", len(got), got)
	}
	if got[0]["message"] != "Line 6" {
		t.Errorf(`after the position: message is %v, want "Line 6"`, got[0]["message"])
	}
}

func TestAFilterSelectsTheMatchingTickets(t *testing.T) {
	a := newApp(t)
	ana, boris := a.customer("Ana").program(), a.customer("Boris").program()
	id := ana.send("POST", "/tickets", obj{"subject": "The lamp is dark", "description": "Since Monday.", "category": "Technical", "priority": "Urgent"}).wants(201).number("id")
	ana.send("POST", "/tickets", invoice).wants(201)
	boris.send("POST", "/tickets", obj{"subject": "Another lamp", "description": "Mine."}).wants(201)
	for _, query := range []string{"q=lamp", "q=" + fmt.Sprint(id), "category=Technical", "priority=Urgent", "q=lamp&status=OPEN&category=Technical&priority=Urgent&limit=5"} {
		got := ana.send("GET", "/tickets?"+query, nil).listed()
		if len(got) != 1 {
			t.Fatalf("%s: got %d elements, want 1: %v", query, len(got), got)
		}
		if got[0]["id"] != float64(id) {
			t.Errorf("%s: id is %v, want %v", query, got[0]["id"], float64(id))
		}
	}
	for _, query := range []string{"q=nothing", "status=CLOSED", "category=Billing&priority=Urgent", "q=lamp&category=Billing"} {
		if got := ana.send("GET", "/tickets?"+query, nil).listed(); len(got) != 0 {
			t.Errorf("%s finds %v", query, got)
		}
	}
}

func TestAListThatFailsHalfwayIsNotCompletedAsValidJSON(t *testing.T) {
	a := newApp(t)
	boss := a.admin("Boss").program()
	a.many(boss.id, 5000, 5000)
	req, err := http.NewRequestWithContext(t.Context(), "GET", a.srv.URL+"/api/tickets", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+boss.token)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	a.exec("alter table tickets rename to elsewhere")
	rest, err := io.ReadAll(resp.Body)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if got := strings.TrimSpace(string(rest)); strings.HasSuffix(got, "]") {
		t.Errorf(`got %q, want another end than "]"`, got)
	}
	boss.send("GET", "/tickets", nil).wants(500)
}
