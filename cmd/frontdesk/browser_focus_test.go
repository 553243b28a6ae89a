package main

import (
	"strings"
	"testing"
)

// focused is an expression that describes the element with the focus, "" for the page itself. It
// marks an element without a visible outline with "!".
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return '';
	const style = getComputedStyle(e);
	const shown = e.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$|transparent/.test(style.outlineColor);
	return (shown ? '' : '!') + e.outerHTML.slice(0, 120);
})()`

func TestEveryFocusedControlShowsItsFocus(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	ticket := ana.ticket("A lamp", "It is dark.")
	b := newTab(t, d.base)
	// tabThrough presses Tab until the focus leaves the page.
	tabThrough := func(paths ...string) {
		t.Helper()
		for _, path := range paths {
			b.open(path)
			b.run("document.activeElement?.blur(); document.querySelectorAll('details').forEach(d => d.open = true)")
			fields := 0
			for range 150 {
				b.must(b.page.key("Tab"))
				at := b.eval(focused)
				if at == "" {
					break
				}
				if hidden, found := strings.CutPrefix(at, "!"); found {
					t.Errorf("%s: the focus is not visible on %s", path, hidden)
				}
				if strings.HasPrefix(at, "<input") || strings.HasPrefix(at, "<textarea") || strings.HasPrefix(at, "<select") {
					fields++
				}
			}
			if fields == 0 {
				t.Errorf("%s: Tab reached no field", path)
			}
		}
	}
	tabThrough("/", "/login", "/register")
	b.signIn("ana@example.org")
	tabThrough("/tickets", "/tickets/new", ticket, ticket+"/edit", "/account")
	b.open("/tickets") // with the menu closed
	signsOut(b)
	b.signIn(adminEmail)
	tabThrough("/dashboard", "/dashboard?change=1", ticket, ticket+"/edit", "/admin/users", "/admin/users/new", "/admin/categories", "/account")
}
