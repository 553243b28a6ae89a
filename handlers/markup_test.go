package handlers

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// spaces separate the attributes of a tag.
const spaces = " \t\r\n\f"

// doubledAttribute returns the first tag of a page that has an attribute twice, or "".
// Browsers and parsers ignore the second one, so the tags are read as they were sent.
// Every page that a client of these tests gets is checked.
func doubledAttribute(page []byte) string {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		tag := string(tokens.Raw())
		names := attributeNames(tag)
		slices.Sort(names)
		if len(slices.Compact(names)) < len(names) {
			return tag
		}
	}
	return ""
}

// attributeNames returns the names of the attributes of a tag, as templ writes it, with
// values in double quotes. It is called for each tag of thousands of pages, and a regular
// expression is slow with the race detector.
func attributeNames(tag string) (names []string) {
	for {
		before := strings.IndexAny(tag, spaces)
		if before < 0 {
			return names
		}
		tag = tag[before+1:]
		end := strings.IndexAny(tag, spaces+`"=<>/`)
		if end < 0 {
			end = len(tag)
		}
		if end > 0 {
			names = append(names, tag[:end])
		}
		tag = tag[end:]
		if value, is := strings.CutPrefix(tag, `="`); is {
			_, tag, _ = strings.Cut(value, `"`)
		}
	}
}

// everyPage returns the pages that have forms, as a visitor, a customer and an admin get them.
func everyPage(t *testing.T, a *app) map[string]page {
	t.Helper()
	all := map[string]page{}
	ana, boss := a.customer("Ana"), a.admin("Boss")
	there := a.visitor()
	there.name = ana.name
	there.signIn() // a second session, so that the account page has the form that ends it
	ticket := fmt.Sprintf("/tickets/%d", ana.opens("A lamp").ID)
	for c, paths := range map[*client][]string{
		a.visitor(): {"/", "/login", "/register", "/api/docs"},
		ana:         {"/tickets", "/tickets/new", ticket, ticket + "/edit", ticket + "/delete", "/account"},
		boss:        {"/dashboard", ticket, "/admin/users", "/admin/users/new", "/admin/categories", "/admin/trash", "/admin/mailboxes", "/admin/mailboxes/new"},
	} {
		for _, path := range paths {
			all[path+" as "+c.name] = c.get(path).wants(t, 200)
		}
	}
	return all
}

func TestNoPageHasAnAttributeTwice(t *testing.T) {
	if found := doubledAttribute([]byte(`<p dir="auto">a</p><input dir="auto" name="a" dir="auto">`)); found == "" {
		t.Error("doubledAttribute does not find a doubled attribute")
	}
	everyPage(t, newApp(t)) // the client checks each page
}

// Text browsers show the text inside a button. If the button has a name, lynx shows its value
// before the text, so a value must be as short as a word.
func TestEveryButtonReadsWellInATextBrowser(t *testing.T) {
	for where, p := range everyPage(t, newApp(t)) {
		for _, button := range p.doc.Find("button").EachIter() {
			if strings.TrimSpace(button.Text()) == "" {
				html, _ := goquery.OuterHtml(button)
				t.Errorf("%s: a button has no text: %s", where, html)
			}
			value := button.AttrOr("value", "")
			if len(value) > 8 {
				t.Errorf("%s: got %d bytes, want at most 8: %q", where, len(value), value)
			}
			if value != strings.ToLower(value) {
				t.Errorf("%s: the value is %q, want %q", where, value, strings.ToLower(value))
			}
		}
	}
}
