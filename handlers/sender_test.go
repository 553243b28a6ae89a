package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/handlers/web"
)

// from returns the form as a page of the client sends it, with the ID of its user.
func (c *client) from(fields url.Values) url.Values {
	out := url.Values{"sender": {fmt.Sprint(c.id)}}
	for name, values := range fields {
		out[name] = values
	}
	return out
}

func TestAFormOfAnotherUsersPageIsRefusedAndItsTextShown(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana"), a.customer("Ben")
	id := a.opensTicket(ben, "Ben’s")
	before := a.everything(t)
	for path, words := range map[string]url.Values{
		web.TicketURL(id) + "/comments": {"text": {"Whose words\nare these?"}},
		web.TicketURL(id) + "/messages": {"text": {"Whose words are these?"}},
		"/tickets":                      {"subject": {"Whose words"}, "description": {"are these?"}, "category": {"1"}, "priority": {"High"}},
		web.TicketURL(id):               {"subject": {"Whose words"}, "description": {"are these?"}, "category": {"1"}, "priority": {"High"}, "version": {"1"}},
		"/account/profile":              {"username": {"Whose words"}, "email": {"are@these.example"}, "current": {password}},
	} {
		for way, got := range map[string]page{
			"a form":             ben.post(path, ana.from(words)),
			"a form with a file": ben.upload(path, ana.from(words), []file{{"attachment", "a.txt", "Ana’s"}}),
		} {
			if way == "a form with a file" && (path == web.TicketURL(id)+"/messages" || path == "/account/profile") {
				got.wants(t, 400) // no page has such a form
				continue
			}
			got.wants(t, 409, "A different account is signed in", "ben@example.org").lacks(t, password)
			typed := ""
			got.doc.Find("textarea[readonly]").Each(func(_ int, area *goquery.Selection) { typed += area.Text() })
			if !strings.Contains(typed, "hose words") {
				t.Errorf(`%s by %s: the page shows %q, want it with "hose words"`, path, way, typed)
			}
			if text := strings.ReplaceAll(typed, "are@these", "are these"); !strings.Contains(text, "are these") {
				t.Errorf(`%s by %s: the page shows %q, want it with "are these" or "are@these"`, path, way, typed)
			}
		}
		ben.post(path, ana.from(words), htmx...).wants(t, 409, `hx-target=".toasts"`, "opened from another account", "ben@example.org").lacks(t, "<html")
		ben.post(path, ana.from(words), asJSON...).wants(t, 409, `"name":"not_you"`)
	}
	if what := before.differs(a.everything(t)); what != "" {
		t.Errorf("%s changed", what)
	}
	ben.post(web.TicketURL(id)+"/comments", ben.from(url.Values{"text": {"These are mine."}})).leadsTo(t, web.TicketURL(id)+"#s2")
}

// mayUse reports whether the person is an admin, or a customer and the route needs no permission.
func mayUse(p person, e entry) bool {
	return p.name == "admin" || p.name == "customer" && e.who.Permission() == 0
}

func TestEveryRouteRefusesFormsOfAnotherUsersPage(t *testing.T) {
	m := newMatrixRun(t)
	for _, p := range m.people {
		for name, e := range matrix {
			method, path, _ := strings.Cut(name, " ")
			if method != http.MethodPost || e.isOpen() || !mayUse(p, e) {
				continue
			}
			c := cell{entry: e, person: p, method: method, path: path, relation: relations[e.kind][0]}
			c.form = m.other.from(e.form)
			target := m.target(c)
			address := strings.NewReplacer(":id", target, ":name", target).Replace(path)
			before := m.snapshot(c)
			m.expect(c, m.request(c, address), http.StatusConflict)
			if what := before.differs(m.snapshot(c)); what != "" {
				t.Errorf("%s changed %s", c, what)
			}
		}
	}
}

func TestEveryFormHasASenderField(t *testing.T) {
	m := newMatrixRun(t)
	forms := 0
	for _, p := range m.people {
		if p.name != "admin" && p.name != "customer" && p.name != "newcomer" {
			continue
		}
		ticket, _ := m.app.ticketWithFile(p.client)
		m.freshToken(p.self())
		for _, path := range []string{"/tickets", web.TicketURL(ticket), web.TicketURL(ticket) + "/comments", web.TicketURL(ticket) + "/messages"} {
			forms += sendersOf(t, p, p.post(path, nil)) // the form shown again
		}
		for name, e := range matrix {
			method, path, _ := strings.Cut(name, " ")
			if method != http.MethodGet || e.kind == "file" {
				continue
			}
			for _, relation := range relations[e.kind] {
				c := cell{entry: e, person: p, method: method, path: path, relation: relation}
				target := m.target(c)
				forms += sendersOf(t, p, m.request(c, strings.NewReplacer(":id", target).Replace(path)))
			}
		}
	}
	if forms < 60 {
		t.Errorf("got only %d forms", forms)
	}
}

// sendersOf checks the sender field of each POST form of a page, and returns their number.
func sendersOf(t *testing.T, p person, got page) int {
	t.Helper()
	found := got.doc.Find("form[method=post]")
	found.Each(func(_ int, f *goquery.Selection) {
		if sender, _ := f.Find("input[name=sender]").Attr("value"); sender != fmt.Sprint(p.id) {
			t.Errorf("%s: the form for %s has the sender %q, want %d", got.Request.URL.Path, f.AttrOr("action", ""), sender, p.id)
		}
	})
	return found.Length()
}

func TestAPageOfAnotherUserMaySignOut(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana"), a.customer("Ben")
	ben.post("/logout", ana.from(url.Values{"next": {"/tickets/new"}})).leadsTo(t, "/login?next=%2Ftickets%2Fnew")
	ben.get("/tickets").leadsTo(t, "/login?next=%2Ftickets")
	ana.post("/logout", ana.from(url.Values{"next": {"//evil.example"}})).leadsTo(t, "/")
}
