package main

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"frontdesk/internal/demo"
)

// TestScreenshots writes pictures of every page of a demo desk to the folder in SCREENSHOTS, at
// the widths in SCREENSHOT_WIDTHS (default "1280,360"). "task screenshots" runs it. Without
// SCREENSHOTS it is skipped.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Skip("SCREENSHOTS is not set")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	d := startDesk(t)
	if _, err := demo.Seed(t.Context(), d.pool, d.opts); err != nil {
		t.Fatal(err)
	}
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	ana.post("/account/tokens", url.Values{"name": {"Nightly export"}, "days": {"90"}, "current": {password}})
	own := ana.ticket("Invoice 2207 shows our old company address", "Invoice 2207 came with our old address in Friedrichstraße. We moved in September and I changed it in my account the same day.\n\nOur accountant cannot book it like this, and the payment is due on 30 November.")
	priya := newPerson(t, d.base)
	priya.signIn(adminEmail)
	priya.post("/account/profile", url.Values{"username": {"Priya Nair"}, "email": {adminEmail}, "current": {password}})
	ticket := lively(priya)
	first := strings.TrimPrefix(priya.get("/dashboard").Find("#queue tbody tr").First().AttrOr("id", ""), "row-")

	d.notified(t)

	b := newTab(t, d.base)
	b.allow("status of 404")
	b.draw(folder, "landing", "/")
	b.draw(folder, "register", "/register")
	b.draw(folder, "not-found", "/nowhere")
	b.signIn("ana@example.org")
	b.draw(folder, "tickets", "/tickets")
	b.draw(folder, "too-long", "/tickets?q="+strings.Repeat("many+words+", 20))
	b.draw(folder, "none-found", "/tickets?q=submarine")
	b.draw(folder, "new-ticket", "/tickets/new")
	b.draw(folder, "ticket-customer", own)
	ana.post(own+"/status", url.Values{"status": {"RESOLVED"}})
	b.draw(folder, "resolved", own)
	b.draw(folder, "account", "/account")
	b.draw(folder, "notifications-customer", "/notifications")
	signsOut(b)
	b.signIn(adminEmail)
	b.draw(folder, "queue", "/dashboard")
	b.draw(folder, "queue-change", "/dashboard?change="+first)
	b.draw(folder, "reports", "/reports")
	b.draw(folder, "ticket", ticket)
	b.draw(folder, "edit", ticket+"/edit")
	b.draw(folder, "delete", ticket+"/delete")
	b.draw(folder, "notifications", "/notifications")
	b.draw(folder, "users", "/admin/users")
	b.draw(folder, "user", "/admin/users/5")
	b.draw(folder, "role", "/admin/users/5/role")
	b.draw(folder, "disable", "/admin/users/5/disabled")
	b.draw(folder, "add-user", "/admin/users/new")
	b.draw(folder, "roles", "/admin/roles")
	b.draw(folder, "invitations", "/admin/invitations")
	b.draw(folder, "settings", "/admin/settings")
	b.draw(folder, "mailboxes-empty", "/admin/mailboxes")
	b.draw(folder, "away", "/account/away")
	b.draw(folder, "categories", "/admin/categories")
	b.draw(folder, "teams", "/admin/teams")
	b.draw(folder, "team", "/admin/teams/1")
	b.draw(folder, "team-retire", "/admin/teams/1/retire")
	b.draw(folder, "assignment", ticket+"/assignment?q=t")
	b.draw(folder, "trash", "/admin/trash")
}

// lively returns the path of a demo ticket with many events, but not more than fit in a picture.
func lively(p *person) string {
	best, most := "", 0
	for _, link := range p.get("/tickets?status=IN_PROGRESS").Find("#queue .subject-line a").EachIter() {
		path, _, _ := strings.Cut(link.AttrOr("href", ""), "?")
		if n := p.get(path).Find(".timeline > li").Length(); n > most && n <= 8 {
			best, most = path, n
		}
	}
	if best == "" {
		p.t.Fatal("the demo has no ticket with events")
	}
	return best
}

// widths returns the widths of the pictures in CSS pixels.
func widths() (all []int64) {
	for text := range strings.SplitSeq(cmp.Or(os.Getenv("SCREENSHOT_WIDTHS"), "1280,360"), ",") {
		width, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(err)
		}
		all = append(all, width)
	}
	return all
}

// height returns the height of the whole page, up to a limit.
func (b *tab) height() int64 {
	b.t.Helper()
	high, err := strconv.ParseInt(b.eval("document.documentElement.scrollHeight"), 10, 64)
	if err != nil {
		b.t.Fatal(err)
	}
	return min(high, 1800)
}

// draw writes pictures of a page at all widths, in the light and the dark theme.
func (b *tab) draw(folder, name, path string) {
	b.t.Helper()
	for _, theme := range []string{"light", "dark"} {
		for _, width := range widths() {
			b.theme(theme)
			b.width(width)
			b.open(path)
			picture, err := b.chromium().picture(width, b.height())
			b.must(err)
			file := filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", name, width, theme))
			if err := os.WriteFile(file, picture, 0o644); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.theme("light")
	b.width(1280)
}
