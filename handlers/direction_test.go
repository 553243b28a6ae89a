package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// hebrew is a word that every text of the users in these tests contains.
const hebrew = "שלום"

// undirected returns the places in a page where text of a user is shown without a
// direction of its own: no dir="auto", no <bdi>, and no U+2068 before it.
func undirected(p page) (found []string) {
	for _, root := range p.doc.Find("html").Nodes {
		for n := range root.Descendants() {
			isHebrew := n.Type == html.TextNode && strings.Contains(unisolated(n.Data), hebrew)
			if isHebrew && !isDirected(n.Parent) && !isDirected(n.Parent.Parent) {
				found = append(found, fmt.Sprintf("<%s> %q", n.Parent.Data, strings.TrimSpace(n.Data)))
			}
			for _, a := range n.Attr {
				isShown := a.Key == "value" && (n.Data == "input" || n.Data == "textarea") && !isHidden(n) || a.Key == "aria-label" || a.Key == "placeholder" || a.Key == "title" || a.Key == "data-announce"
				if isShown && strings.Contains(unisolated(a.Val), hebrew) && !isDirected(n) {
					found = append(found, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
				}
			}
		}
	}
	return found
}

// unisolated returns text without the stretches between U+2068 and U+2069.
func unisolated(text string) string {
	for {
		before, rest, opened := strings.Cut(text, "\u2068")
		_, after, closed := strings.Cut(rest, "\u2069")
		if !opened || !closed {
			return text
		}
		text = before + after
	}
}

// isDirected reports whether the browser detects the direction of the text in the element.
func isDirected(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "dir" {
			return a.Val == "auto"
		}
	}
	return n.Data == "bdi"
}

// isHidden reports whether the element is hidden.
func isHidden(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "type" && a.Val == "hidden" {
			return true
		}
	}
	return false
}

func TestTextOfUsersHasADirectionOfItsOwnOnEveryPage(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer(hebrew+" Ana"), app.admin(hebrew+" Priya")
	priya.post("/admin/categories", url.Values{"name": {hebrew + " kind"}})
	priya.post("/account/tokens", url.Values{"name": {hebrew + " token"}, "days": {"90"}, "current": {password}})
	fields := func(c *client, subject string) url.Values {
		return url.Values{"subject": {hebrew + subject}, "description": {hebrew + " one\n" + hebrew + " https://example.org/" + hebrew + "\n\n" + hebrew}, "priority": {"High"}, "category": {hebrew + " kind"},
			"submission_id": {c.get("/tickets/new").value("[name=submission_id]")}}
	}
	ticket := func(subject string) string {
		return ana.upload("/tickets", fields(ana, subject), []file{{"attachment", hebrew + ".txt", "what it holds"}}).Header.Get("Location")
	}
	gone, first := ticket("gone"), ticket("first")
	ana.post(gone+"/delete", nil)
	edited := fields(ana, "second")
	edited.Set("version", ana.get(first+"/edit").value("[name=version]"))
	ana.upload(first, edited, nil).wants(t, http.StatusSeeOther)
	ana.post(first+"/messages", url.Values{"text": {hebrew}})
	priya.post(first+"/messages", url.Values{"text": {hebrew}})
	priya.upload(first+"/comments", url.Values{"text": {hebrew}}, []file{{"attachment", hebrew + ".png", "\x89PNG\r\n\x1a\n"}})
	priya.post(first+"/triage", url.Values{"status": {"OPEN"}, "priority": {"Low"}, "category": {"Billing"}, "version": {priya.get(first).value("#triage [name=version]")}})
	priya.post(first+"/triage", url.Values{"status": {"OPEN"}, "priority": {"Low"}, "category": {hebrew + " kind"}, "version": {priya.get(first).value("#triage [name=version]")}})

	look := func(c *client, p page) {
		t.Helper()
		if p.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: the status is %d, want less than %d", p.Request.URL.Path, p.StatusCode, http.StatusInternalServerError)
		}
		if p.StatusCode == http.StatusNotFound {
			t.Errorf("%s: the status is %d, want another value", p.Request.URL.Path, p.StatusCode)
		}
		if !strings.Contains(p.body, hebrew) {
			t.Errorf("%s shows no text of a user", p.Request.URL.Path)
		}
		for _, place := range undirected(p) {
			t.Errorf("%s, as %s: %s", p.Request.URL.Path, c.name, place)
		}
	}
	q := url.QueryEscape(hebrew)
	for _, c := range []*client{ana, priya} {
		for _, path := range []string{first, first + "/edit", first + "/delete", first + "/events?after=0", "/tickets", "/tickets?q=" + q, "/tickets?q=nothing" + q, "/tickets/new", "/account"} {
			look(c, c.get(path))
		}
		look(c, c.upload(first+"/comments", url.Values{"text": {hebrew}, "submission_id": {"x"}, "then": {"nonsense"}}, []file{{"attachment", hebrew + ".txt", "x"}}))
		look(c, c.upload("/tickets", url.Values{"subject": {hebrew}, "description": {hebrew}, "category": {hebrew}}, nil))
		look(c, c.post("/account/profile", url.Values{"username": {hebrew}, "email": {hebrew}}))
	}
	page := fmt.Sprintf("/admin/users/%d", ana.id)
	for _, path := range []string{"/dashboard", "/dashboard?q=" + q, "/admin/users", "/admin/users?q=" + q, "/admin/users?q=nothing" + q, page, "/admin/categories", "/admin/trash", fmt.Sprintf("/tickets?requester=%d", ana.id)} {
		look(priya, priya.get(path))
	}
	look(priya, priya.post("/admin/users", url.Values{"username": {hebrew}, "email": {hebrew}}))
	look(priya, priya.follow(priya.post("/admin/categories", url.Values{"name": {hebrew + " 2"}})))
	look(priya, priya.follow(priya.post(page+"/role", url.Values{"role": {string(account.RoleAdmin)}})))
	look(priya, priya.post(page+"/password", nil))
}

func TestATitleIsolatesASubjectAndItsUnclosedOverride(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	id := app.opensTicket(ana, hebrew+" \u202e(2207")
	want := fmt.Sprintf("#%d \u2068%s (2207\u2069 · Frontdesk", id, hebrew)
	if got := ana.get(web.TicketURL(id)).doc.Find("title").Text(); got != want {
		t.Errorf("the title is %q, want %q", got, want)
	}
}
