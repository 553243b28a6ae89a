package handlers

import (
	"strings"
	"testing"

	"frontdesk/internal/desk"
)

func TestTheReportsShowFiguresAndCharts(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ana.open("The brakes fail", desk.PriorityUrgent)
	ana.open("Which oil?", desk.PriorityLow)
	got := priya.get("/reports").wants(t, 200)
	for selector, want := range map[string]string{"#figures li:first-child b": "2", "#figures li:nth-child(3) b": "1", ".chart tbody tr:last-child td": "2", ".shares li:first-child b": "1"} {
		if text := got.text(selector); text != want {
			t.Errorf("%s has %q, want %q", selector, text, want)
		}
	}
	for selector, want := range map[string]int{".waiting li": 2, ".chart svg rect.up": 1, ".chart details table tbody tr": 30} {
		if n := got.doc.Find(selector).Length(); n != want {
			t.Errorf("there are %d of %s, want %d", n, selector, want)
		}
	}
	for target, want := range map[string]string{"#breakdown": "Billing 2", "#waiting": "Waiting longest", "#as-of": "as of", "#trend": "2 opened", "#trend-table": "Day"} {
		if !strings.Contains(got.text(target), want) {
			t.Errorf("%s has %q, want %q", target, got.text(target), want)
		}
	}
	for _, link := range got.doc.Find("#figures a, .shares a").EachIter() {
		priya.get(link.AttrOr("href", "")).wants(t, 200, `id="queue"`)
	}
	ana.get("/reports").wants(t, 403)
}

func TestTheReportsSayWhyAnAgentGetsNoChart(t *testing.T) {
	app := newApp(t)
	app.team("HR", true)
	got := app.agent("Tom").get("/reports").wants(t, 200)
	if text := got.text("#figures"); strings.Contains(text, "in the last 7 days") {
		t.Errorf("the figures are %q, with a number that the reader may not know", text)
	}
	text := got.text("#no-trend p")
	if !strings.Contains(text, "private teams") {
		t.Errorf(`the text is %q, want it with "private teams"`, text)
	}
	got.lacksElements(t, "#trend")
	if app.admin("Priya").get("/reports").has("#no-trend") {
		t.Error("admins read that there is no chart")
	}
}
