package handlers

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// TestFormsAreCheckedByTheDesk sends forms with empty fields: the desk names them itself, above
// the form and beside each field, so the browser must not stop the form before.
func TestFormsAreCheckedByTheDesk(t *testing.T) {
	a := newMailApp(t)
	priya := a.admin("Priya")
	priya.post("/admin/roles", url.Values{"name": {"Helper"}}).wants(t, 303)
	priya.post("/admin/teams", url.Values{"name": {"Repairs"}}).wants(t, 303)
	priya.post("/views", url.Values{"name": {"Open"}, "query": {"status=OPEN"}, "share": {"me"}}).wants(t, 303)
	role := priya.get("/admin/roles").doc.Find("ul.rows a").AttrOr("href", "")
	for _, path := range []string{
		"/account", "/admin/users/new", "/admin/roles", role, "/admin/teams", "/admin/teams/1", "/admin/categories", "/admin/invitations",
		"/admin/settings", "/admin/mailboxes/new", "/views", "/views?query=status%3DCLOSED",
	} {
		checked := 0
		priya.get(path).wants(t, 200).doc.Find("form[method=post]:has(input[required], textarea[required])").Each(func(_ int, form *goquery.Selection) {
			checked++
			action := form.AttrOr("action", "")
			if _, has := form.Attr("novalidate"); !has {
				t.Errorf("%s: the browser checks the form for %s", path, action)
			}
			priya.refuses(t, action, emptied(form)).lacks(t, "Fill this in.")
		})
		if checked == 0 {
			t.Errorf("%s has no form with a required field", path)
		}
	}
}

// emptied returns the fields of a form as a browser sends them, the required ones empty.
func emptied(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[type=hidden], input[checked], select, input[required], textarea[required], button[name]:first-of-type").Each(func(_ int, s *goquery.Selection) {
		value := s.AttrOr("value", "")
		if s.Is("select") {
			value = s.Find("option[selected], option").First().AttrOr("value", "")
		}
		if _, required := s.Attr("required"); required {
			value = ""
		}
		if name := s.AttrOr("name", ""); name != "" && !values.Has(name) {
			values.Set(name, value)
		}
	})
	return values
}

// refuses sends a form and checks that the page lists the errors, each with a link to its field,
// which has the message beside it.
func (c *client) refuses(t *testing.T, action string, values url.Values) page {
	t.Helper()
	refused := c.post(action, values).wants(t, 422)
	links := refused.doc.Find("#summary li a")
	if links.Length() == 0 {
		t.Errorf("%s: the page lists no errors", action)
	}
	links.Each(func(_ int, link *goquery.Selection) {
		id := strings.TrimPrefix(link.AttrOr("href", ""), "#")
		field := refused.doc.Find(`[id="` + id + `"]`)
		if field.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s: the field %q of %q is not marked", action, id, link.Text())
		}
		if !strings.Contains(field.AttrOr("aria-describedby", ""), id+"-error") || !refused.has(`[id="`+id+`-error"]`) {
			t.Errorf("%s: the field %q has no message beside it", action, id)
		}
	})
	return refused
}
