package main

import (
	"net/url"
	"strings"
	"testing"
)

func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	first := ana.ticket("Invoice 2207 shows our old address", "We moved in September.\n\nSee https://example.org/register")
	ana.ticket("The rear light on the Tuva 3 will not charge any more, neither from the wall nor from a computer", "It is dark.")

	b := newTab(t, d.base)
	b.allow("status of 404")
	b.allow("status of 422")
	b.visit("/", "/login", "/register", "/nowhere")
	b.open("/api/docs")
	b.run("document.querySelectorAll('section[aria-labelledby]').forEach((section, i) => i % 8 > 0 && section.remove())") // they have the same markup
	b.inspect("/api/docs")
	b.open("/register")
	b.click(`form[action="/register"] button`)
	b.see(".error-summary")
	b.inspect("/register, refused")

	b.signIn("ana@example.org")
	b.visit("/tickets", "/tickets?q=submarine", "/tickets/new", first, first+"/edit", first+"/delete", "/account", "/notifications")
	b.open("/tickets/new")
	b.click(sendTicket)
	b.see(".error-summary")
	b.inspect("/tickets/new, refused")
	b.open("/account")
	b.fill("#name", "Nightly export of my tickets to the accounting")
	b.fill("#token-current", password)
	b.press("Create token")
	b.see("#token")
	b.inspect("/account, with a new token")
	b.open(first)
	b.press("This is solved")
	b.see("#reopens .notice")
	b.inspect(first + ", resolved")
	signsOut(b)
	newPerson(t, d.base).register("Nobody Yet", "nobody@example.org")
	b.signIn("nobody@example.org")
	b.visit("/tickets")
	signsOut(b)

	priya := newPerson(t, d.base)
	priya.signIn(adminEmail)
	priya.post("/admin/teams", url.Values{"name": {"Repairs"}, "private": {"true"}})
	priya.post("/admin/teams/1/members", url.Values{"member": {adminEmail}, "lead": {"true"}})
	b.signIn(adminEmail)
	b.visit("/admin/teams", "/admin/teams/1", "/admin/teams/1/retire", first+"/assignment?q=example")
	b.visit("/dashboard", "/dashboard?change=2", "/reports", "/dashboard?q="+strings.Repeat("x", 201), "/tickets", first, first+"/edit", first+"/delete",
		"/admin/users", "/admin/users/2", "/admin/users/2/role", "/admin/roles", "/admin/invitations", "/admin/settings", "/admin/mailboxes", "/account/away", "/tickets/new", "/admin/categories", "/admin/trash", "/account", "/notifications", "/views", "/views?query=status%3DOPEN", "/shortcuts")
	b.open(first + "/delete")
	b.press("Delete ticket")
	b.read("is deleted")
	b.visit("/admin/trash")
}

// visit opens pages and inspects each of them.
func (b *tab) visit(paths ...string) {
	b.t.Helper()
	for _, path := range paths {
		b.open(path)
		b.inspect(path)
	}
}

// signIn sets the cookies of a new session, which costs less than the form. It loads no page.
func (b *tab) signIn(email string) {
	b.t.Helper()
	p := newPerson(b.t, b.base)
	p.signIn(email)
	desk, err := url.Parse(b.base)
	b.must(err)
	for _, cookie := range p.client.Jar.Cookies(desk) {
		b.must(b.page.setCookie(desk.Hostname(), cookie.Name, cookie.Value))
	}
}

// enter signs in with the form and the password of the tests, and waits for the page that follows.
func (b *tab) enter(email string) {
	b.t.Helper()
	b.open("/login")
	b.fill("#email", email)
	b.fill("#password", password)
	b.click(`form[action="/login"] button`)
	b.until("location.pathname !== '/login'", "being signed in")
}

func TestPrintedListsOfStaffFillThePaper(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	b := newTab(t, d.base)
	b.signIn(adminEmail)
	b.withoutScript() // it would replace the times by shorter ones
	b.open("/admin/users")
	b.must(b.chromium().printed())
	for _, width := range []int64{794, 1123} { // A4
		b.width(width)
		b.until("document.querySelector('#users .card').offsetWidth > innerWidth * .8", "the list is as wide as the paper")
		b.until("[...document.querySelectorAll('#users time')].every(t => t.getBoundingClientRect().right <= t.closest('td').getBoundingClientRect().right)", "the times are whole")
	}
}
