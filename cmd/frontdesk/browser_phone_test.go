package main

import (
	"net/url"
	"testing"
)

// TestActionsOfRowsAreLargeOnAPhone measures the links and buttons of rows in a window of 360 pixels:
// each is at least 44 pixels wide and high, and no row is wider than the window.
func TestActionsOfRowsAreLargeOnAPhone(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	priya := newPerson(t, d.base)
	priya.signIn(adminEmail)
	priya.get("/dashboard") // only staff who use the desk get notifications
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač, purchasing of the northern workshops", "ana.kovac.of.the.purchasing.department@example.org")
	ana.ticket("Invoice 2207 shows our old company address", "We moved in September.")
	d.notified(t)
	priya.post("/admin/teams", url.Values{"name": {"Repairs"}})
	priya.post("/admin/teams/1/members", url.Values{"member": {adminEmail}, "lead": {"true"}})

	b := newTab(t, d.base)
	b.signIn(adminEmail)
	b.width(360)
	for path, actions := range map[string]string{
		"/admin/users":   ".users td a",
		"/admin/teams":   ".table td.end:last-child a",
		"/admin/teams/1": ".members .btn",
		"/notifications": ".notification-list > li",
	} {
		b.open(path)
		if got := b.eval("String(document.querySelectorAll('" + actions + "').length > 0)"); got != "true" {
			t.Errorf("%s has no %s", path, actions)
		}
		small := "[...document.querySelectorAll('" + actions + "')].map(e => e.getBoundingClientRect()).filter(r => r.width < 44 || r.height < 44).map(r => r.width + ' by ' + r.height).join(', ')"
		if got := b.eval(small); got != "" {
			t.Errorf("%s: actions are %s pixels, want at least 44", path, got)
		}
		if got := b.eval("String(document.documentElement.scrollWidth)"); got != "360" {
			t.Errorf("%s is %s pixels wide, want 360", path, got)
		}
	}
	b.open("/notifications")
	const below = "(r => document.elementFromPoint(r.left + r.width / 2, r.bottom - 3).tagName)(document.querySelector('.notification-list > li').getBoundingClientRect())"
	if got := b.eval(below); got != "A" {
		t.Errorf("the end of a notification is part of %s, want the link", got)
	}
}
