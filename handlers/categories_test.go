package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

func TestCategoriesAreManagedOnTheirPage(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	names := func() string {
		var out []string
		for _, input := range priya.get("/admin/categories").doc.Find("ol.categories input[name=name]").EachIter() {
			out = append(out, input.AttrOr("value", ""))
		}
		return strings.Join(out, ", ")
	}
	steps := []struct {
		path, name, do, word, after string
	}{
		{"/admin/categories", "Workshop", "", "Workshop is added.", "Billing, Technical, General, Workshop"},
		{"/admin/categories/4", "Repairs", "rename", "Repairs is saved.", "Billing, Technical, General, Repairs"},
		{"/admin/categories/4", "Repairs", "up", "Repairs is moved up.", "Billing, Technical, Repairs, General"},
		{"/admin/categories/1", "Billing", "retire", "Billing is retired.", "Technical, Repairs, General"},
		{"/admin/categories/1", "Billing", "restore", "Billing is back in use.", "Billing, Technical, Repairs, General"},
	}
	for _, s := range steps {
		back := priya.follow(priya.post(s.path, url.Values{"name": {s.name}, "do": {s.do}}))
		back.wantsText(t, "#flash", s.word)
		if got := names(); got != s.after {
			t.Errorf("%s: the names are %q, want %q", s.word, got, s.after)
		}
	}
}

func TestACategoryErrorIsShownAtItsField(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	for _, c := range []struct{ path, name, do, field string }{
		{"/admin/categories", "", "", "#name-0"},
		{"/admin/categories", "general", "", "#name-0"},
		{"/admin/categories", strings.Repeat("x", 61), "", "#name-0"},
		{"/admin/categories/2", "Billing", "rename", "#name-2"},
		{"/admin/categories/2", "a\x00b", "rename", "#name-2"},
	} {
		got := priya.post(c.path, url.Values{"name": {c.name}, "do": {c.do}})
		got.wants(t, http.StatusUnprocessableEntity)
		if text := got.text(c.field + "-error"); text == "" {
			t.Errorf("%s %q: the field has no error", c.path, c.name)
		}
		got.wantsElements(t, ".error-summary a[href='"+c.field+"']")
		if kept := got.value(c.field); !strings.Contains(c.name, "\x00") && kept != c.name {
			t.Errorf("%q was typed, the form has %q", c.name, kept)
		}
	}
	for path, want := range map[string]int{"/admin/categories/99": http.StatusNotFound, "/admin/categories/x": http.StatusNotFound} {
		if got := priya.post(path, url.Values{"name": {"X"}, "do": {"rename"}}); got.StatusCode != want {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

func TestACategoryThatWasRetiredMeanwhileIsNotReplacedByTheFirstOne(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	id := ana.open("No light", desk.PriorityMedium).ID
	app.exec("update tickets set category_id = 3")
	app.exec("update categories set retired_at = now() where id = 2")
	triage := priya.post(web.TicketURL(id)+"/triage", url.Values{"status": {"OPEN"}, "priority": {"Medium"}, "category": {"2"}, "was_category": {"3"}, "version": {"1"}}).wants(t, http.StatusUnprocessableEntity)
	triage.wantsText(t, "#category option[selected]", "General").wantsElements(t, "#category-error")
	again := ana.upload("/tickets", aForm("a"), nil).wants(t, http.StatusUnprocessableEntity)
	again.wantsElements(t, "#category option[value='']", "#category-error").lacksElements(t, "#category option[selected]")
}
