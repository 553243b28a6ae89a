package handlers

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/views/ui"
)

func TestEveryShortcutIsListedAndHasItsTargetOnAPage(t *testing.T) {
	a := newApp(t)
	ana, agent := a.customer("Ana"), a.agent("Agent")
	for _, subject := range []string{"One", "Two", "Three"} {
		ana.opens(subject)
	}
	queue := agent.get("/tickets?sort=oldest").wants(t, 200)
	second, _ := queue.doc.Find("#rows a:contains('Two')").Attr("href")
	ticket, list := agent.get(second).wants(t, 200), agent.get("/shortcuts").wants(t, 200)
	for _, s := range ui.Shortcuts {
		target := strings.Replace(s.Target, ":focus-within", "", 1)
		if !queue.has(target) && !ticket.has(target) {
			t.Errorf("%s (%s): neither page has %s", s.Key, s.Text, target)
		}
		if s.Where == "On every page" && !(queue.has(target) && ticket.has(target)) {
			t.Errorf("%s (%s): one of the pages does not have %s", s.Key, s.Text, target)
		}
		row := list.doc.Find("tr:contains('" + s.Text + "')").First()
		if got := strings.TrimSpace(row.Find("kbd").Text()); got != s.Key {
			t.Errorf("%s: the list has the key %q for %q", s.Key, got, s.Text)
		}
	}
}

func TestSingleKeysCanBeSwitchedOff(t *testing.T) {
	a := newApp(t)
	agent := a.agent("Agent")
	keys := func() string { return agent.get("/tickets").doc.Find("script[data-keys]").AttrOr("data-keys", "") }
	if got := keys(); !strings.Contains(got, `"key":"j"`) {
		t.Errorf("at first the script has the keys %s, want j among them", got)
	}
	agent.post("/account/shortcuts", url.Values{"shortcuts": {"off"}}).wants(t, 303)
	if got := keys(); got != "[]" {
		t.Errorf("switched off, the script has the keys %s, want none", got)
	}
	if got := agent.get("/account"); !got.has("input[name=shortcuts][value=off][checked]") {
		t.Error("the account page does not show that they are off")
	}
	agent.get("/shortcuts").wants(t, 200, "You have switched off the single keys")
	agent.post("/account/shortcuts", url.Values{"shortcuts": {"on"}}).wants(t, 303)
	if got := keys(); got == "[]" {
		t.Error("switched on again, the script has no keys")
	}
}

func TestTheQueueHasASkipLinkToItsFirstRow(t *testing.T) {
	a := newApp(t)
	agent := a.agent("Agent")
	if agent.get("/tickets").has("a.skip[href='#rows']") {
		t.Error("an empty queue has a link to its first row")
	}
	a.customer("Ana").opens("The lamp flickers")
	agent.get("/tickets").wantsElements(t, "a.skip[href='#rows']", "tbody#rows[tabindex='-1']")
}
