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
var hostile = struct{ word, marks, hebrew, wide, link string }{
	word:   strings.Repeat("a", 198) + "bc",                        // nothing to break at
	marks:  strings.Repeat("a"+strings.Repeat("\u0301", 39), 5),    // ink far above its line
	hebrew: "החשבונית 2207 שגויה (PDF), תודה!",                     // from right to left, with a bracket and a number
	wide:   "\ufdfd\ufdfd\ufdfd \U0001242b\U0001242b\U0001242b",    // one character as wide as a word
	link:   "https://example.org/" + strings.Repeat("segment", 90), // a word that is a link
}

func (h *hostileDesk) paths() []string {
	return []string{h.ticket, h.ticket + "/edit", h.ticket + "/delete", "/tickets", "/tickets?q=" + hostile.word, "/tickets?requester=2"}
}

// hostileDesk is a desk on which every text that people can write is hard to lay out.
type hostileDesk struct {
	liveDesk
	ticket string
}

const hostileEmail = "a-very-long-address-that-nobody-can-break-anywhere-at-all@an-equally-long-subdomain.of-a-long-domain.example.org"

func startHostileDesk(t *testing.T) *hostileDesk {
	t.Helper()
	h := &hostileDesk{liveDesk: startDesk(t)}
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
	return h
}

// comment writes one with a file, as a browser without script does.
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

func TestNoPageIsWiderThanTheWindowWhateverPeopleWrite(t *testing.T) {
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
	b.enter(hostileEmail)
	fits(append(h.paths(), "/tickets/new", "/account")...)
	signsOut(b)
	b.enter(adminEmail)
	fits(append(h.paths(), "/dashboard", "/dashboard?q="+hostile.word, "/admin/users", "/admin/users/2", "/admin/users?q="+hostile.word, "/admin/categories", "/admin/trash", "/account")...)
}

// unclipped names the elements from which piled marks reach out over what is beside
// them: none of their ancestors within a card, list or table cuts them off.
const unclipped = `(() => {
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
	let seen = 0;
	while (texts.nextNode()) {
		let element = texts.currentNode.parentElement;
		if (!texts.currentNode.data.includes('\u0301\u0301') || element.closest('textarea, option, .sr-only, [hidden]')) continue;
		seen++;
		while (element && !element.matches('main, section, article, ul, ol, table') && getComputedStyle(element).overflowY === 'visible') element = element.parentElement;
		if (!element || getComputedStyle(element).overflowY === 'visible') found.push(texts.currentNode.parentElement.outerHTML.slice(0, 80));
	}
	return seen ? found.join(' | ') : 'no marks are on the page';
})()`

func TestPiledMarksAreCutOffBeforeTheyCoverWhatIsBeside(t *testing.T) {
	h := startHostileDesk(t)
	b := newTab(t, h.base)
	b.enter(adminEmail)
	for _, path := range []string{h.ticket, "/tickets", "/tickets/2", "/tickets/2/delete", "/dashboard"} {
		b.open(path)
		for _, width := range []int64{1280, 900, 360} {
			b.width(width)
			if found := b.eval(unclipped); found != "" {
				t.Errorf("%s at %d pixels: %s", path, width, found)
			}
		}
	}
}
