package main

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// hostile is text that is hard to lay out.
var hostile = struct{ word, marks, name, hebrew, wide, link string }{
	word:   strings.Repeat("a", 198) + "bc",                        // without a position for a line break
	marks:  strings.Repeat("a"+strings.Repeat("\u0301", 39), 5),    // marks far above the line
	name:   strings.Repeat("ก"+strings.Repeat("\u0e49", 30), 3),    // the same marks in a name
	hebrew: "החשבונית 2207 שגויה (PDF), תודה!",                     // from right to left, with a bracket and a number
	wide:   "\ufdfd\ufdfd\ufdfd \U0001242b\U0001242b\U0001242b",    // one character as wide as a word
	link:   "https://example.org/" + strings.Repeat("segment", 90), // a word that is a link
}

// paths returns the pages that show the ticket with hostile texts.
func (h *hostileDesk) paths() []string {
	return []string{h.ticket, h.ticket + "/edit", h.ticket + "/delete", "/tickets", "/tickets?q=" + hostile.word, "/tickets?requester=2"}
}

// markedTicket returns a ticket on which the names of both users have stacked marks.
func (h *hostileDesk) markedTicket(staff *person) string {
	h.t.Helper()
	requester, colleague := newPerson(h.t, h.base), newPerson(h.t, h.base)
	requester.register(hostile.name, "marks@example.org")
	ticket := requester.ticket(hostile.marks, hostile.marks)
	colleague.register(hostile.name, marksEmail)
	if err := h.desk.Accounts.Operator.SetRole(h.t.Context(), marksEmail, "admin"); err != nil {
		h.t.Fatal(err)
	}
	colleague.signIn(marksEmail)
	for _, p := range []*person{requester, colleague} {
		p.comment(ticket, hostile.marks, "a.txt")
		p.post(ticket+"/messages", url.Values{"text": {hostile.marks}})
	}
	colleague.post(ticket+"/status", url.Values{"status": {"IN_PROGRESS"}})
	staff.post("/admin/categories", url.Values{"name": {hostile.name[:len(hostile.name)/3]}})
	return ticket
}

const marksEmail = "marked-staff@example.org"

// hostileDesk is a desk on which all texts of users are hard to lay out.
type hostileDesk struct {
	liveDesk
	t      *testing.T
	ticket string
	marked string // see markedTicket
}

const hostileEmail = "a-very-long-address-that-nobody-can-break-anywhere-at-all@an-equally-long-subdomain.of-a-long-domain.example.org"

// startHostileDesk starts a desk with tickets, comments, messages and names of hostile
// text.
func startHostileDesk(t *testing.T) *hostileDesk {
	t.Helper()
	h := &hostileDesk{liveDesk: startDesk(t), t: t}
	staff := newPerson(t, h.base)
	staff.signIn(adminEmail)
	staff.post("/admin/categories", url.Values{"name": {strings.Repeat("Category", 7)}})
	staff.post("/account/profile", url.Values{"username": {strings.Repeat("Staff", 20)}, "email": {adminEmail}, "current": {password}})
	staff.post("/account/tokens", url.Values{"name": {strings.Repeat("Token", 20)}, "days": {"90"}, "current": {password}})

	ana := newPerson(t, h.base)
	ana.register(strings.Repeat("Name", 25), hostileEmail)
	gone := ana.ticket(hostile.word, hostile.word)
	for _, subject := range []string{hostile.marks, hostile.hebrew, hostile.wide} {
		ana.ticket(subject, subject)
	}
	h.ticket = ana.ticket(hostile.word, strings.Join([]string{strings.Repeat("w", 10_000), hostile.marks, hostile.hebrew, hostile.wide, hostile.link}, "\n\n"))
	for _, text := range []string{strings.Repeat("c", 10_000), hostile.marks, hostile.hebrew, hostile.wide, hostile.link} {
		ana.comment(h.ticket, text, strings.Repeat("file", 40)+".txt")
		ana.post(h.ticket+"/messages", url.Values{"text": {text[:min(len(text), 2000)]}})
		staff.post(h.ticket+"/messages", url.Values{"text": {text[:min(len(text), 2000)]}})
	}
	staff.post(gone+"/delete", nil)
	staff.post(h.ticket+"/notes", url.Values{"text": {hostile.word}})
	staff.post("/admin/teams", url.Values{"name": {strings.Repeat("Team", 15)}, "private": {"true"}})
	staff.post("/admin/teams/1/members", url.Values{"member": {adminEmail}, "lead": {"true"}})
	staff.post(h.ticket+"/assignment", url.Values{"assignee": {"me"}, "team": {"1"}})
	h.marked = h.markedTicket(staff)
	return h
}

// comment sends a comment with a file, as a browser without script does.
func (p *person) comment(ticket, text, file string) {
	p.t.Helper()
	form := p.get(ticket).Find(`form[action*="/comments"]`)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"submission_id": form.Find("[name=submission_id]").AttrOr("value", ""), "seen": form.Find("[name=seen]").AttrOr("value", ""), "text": text} {
		if err := w.WriteField(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("attachment", file)
	if err != nil {
		p.t.Fatal(err)
	}
	part.Write([]byte("what it holds\n"))
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", p.base+ticket+"/comments", &body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	p.send(r)
}

func TestNoPageIsWiderThanTheWindowWithAnyText(t *testing.T) {
	t.Parallel()
	h := startHostileDesk(t)
	b := newTab(t, h.base)
	fits := func(paths ...string) {
		t.Helper()
		for _, path := range paths {
			b.open(path)
			for _, width := range []int64{1280, 900, 768, 360} {
				b.width(width)
				if wide := b.eval(sideways); wide != "" {
					t.Errorf("%s is wider than %d pixels: %s", path, width, wide)
				}
			}
		}
	}
	b.signIn(hostileEmail)
	fits(append(h.paths(), "/tickets/new", "/account")...)
	signsOut(b)
	b.signIn(adminEmail)
	fits(append(h.paths(), "/dashboard", "/reports", "/tickets?status=ACTIVE", "/dashboard?q="+hostile.word, "/admin/users", "/admin/users/2", "/admin/users?q="+hostile.word, "/admin/categories", "/admin/trash", "/account",
		"/admin/teams", "/admin/teams/1", "/admin/teams/1/retire", h.ticket+"/assignment?q=Staff", "/notifications")...)
}

// unclipped is an expression for the elements whose stacked marks cover other elements, because
// no ancestor within a card, list or table clips them.
const unclipped = `(() => {
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
	let seen = 0;
	while (texts.nextNode()) {
		let element = texts.currentNode.parentElement;
		if (!/\u0301\u0301|\u0e49\u0e49/.test(texts.currentNode.data) || element.closest('textarea, option, .sr-only, [hidden]')) continue;
		seen++;
		while (element && !element.matches('main, section, article, ul, ol, table') && getComputedStyle(element).overflowY === 'visible') element = element.parentElement;
		if (!element || getComputedStyle(element).overflowY === 'visible') found.push(texts.currentNode.parentElement.outerHTML.slice(0, 80));
	}
	return seen ? found.join(' | ') : 'no marks are on the page';
})()`

// squeezed is an expression for the cells of the queue outside its card, and for subjects that
// are too narrow.
const squeezed = `(() => {
	const right = document.querySelector('.queue').getBoundingClientRect().right, found = [];
	for (const cell of document.querySelectorAll('.queue td, .queue td :is(a, button, select)')) {
		const r = cell.getBoundingClientRect();
		if (r.right > right + 1 || cell.matches('.subject') && r.width < 300) found.push(Math.round(r.width) + ' wide, to ' + Math.round(r.right) + ': ' + cell.outerHTML.slice(0, 80));
	}
	return found.slice(0, 4).join(' | ');
})()`

func TestALongCategoryLeavesRoomForTheSubjectsOfTheQueue(t *testing.T) {
	t.Parallel()
	h := startHostileDesk(t)
	b := newTab(t, h.base)
	b.signIn(adminEmail)
	b.open(h.ticket)
	b.pick("#triage [name=category]", strings.Repeat("Category", 7))
	b.press("Save changes")
	b.see(".toast")
	for _, path := range []string{"/dashboard", "/dashboard?change=" + h.ticket[len("/tickets/"):]} {
		b.open(path)
		for _, width := range []int64{1440, 1200, 1100, 900, 768} {
			b.width(width)
			if found := b.eval(squeezed); found != "" {
				t.Errorf("%s at %d pixels: %s", path, width, found)
			}
		}
	}
}

func TestALineThatBeginsWithALinkIsAlignedByItsText(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	ticket := ana.ticket("A link", "مرحبا، رقم 12.\nhttps://example.com/a?b=c مرحبا (test)")
	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	b.open(ticket)
	const gap = `Math.round(document.querySelector('.prose p').getBoundingClientRect().right - document.querySelector('.prose a').getBoundingClientRect().right)`
	if got := b.eval(gap); got != "0" {
		t.Errorf("the link ends %s pixels before the right side of its paragraph, want 0", got)
	}
}

func TestStackedCombiningMarksAreClippedBeforeTheyCoverOtherText(t *testing.T) {
	t.Parallel()
	h := startHostileDesk(t)
	b := newTab(t, h.base)
	b.signIn(marksEmail) // the name of this user is in the menu of every page
	for _, path := range []string{h.ticket, h.marked, h.marked + "/edit", h.marked + "/delete", "/tickets", "/tickets/2", "/tickets/2/delete", "/dashboard", "/dashboard?change=" + h.marked[len("/tickets/"):],
		"/admin/users", "/admin/users/3", "/admin/users/3/role", "/admin/categories", "/admin/trash", "/tickets?requester=3", "/account"} {
		b.open(path)
		for _, width := range []int64{1280, 900, 360} {
			b.width(width)
			if found := b.eval(unclipped); found != "" {
				t.Errorf("%s at %d pixels: %s", path, width, found)
			}
		}
	}
}
