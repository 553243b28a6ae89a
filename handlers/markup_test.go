package handlers

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"golang.org/x/net/html"
)

// attribute is one attribute as templ writes it, with its value in double quotes.
var attribute = regexp.MustCompile(`\s([^\s"=<>/]+)(?:="[^"]*")?`)

// doubledAttribute returns the first tag of a page that has an attribute twice,
// or "". Browsers and parsers ignore the second one without a word, so the tags
// are read as they were sent. Every page that a client of these tests gets is checked.
func doubledAttribute(page []byte) string {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		tag := string(tokens.Raw())
		seen := map[string]bool{}
		for _, a := range attribute.FindAllStringSubmatch(tag, -1) {
			if seen[a[1]] {
				return tag
			}
			seen[a[1]] = true
		}
	}
	return ""
}

func TestNoFormHasAnAttributeTwice(t *testing.T) {
	a := newApp(t)
	if found := doubledAttribute([]byte(`<p dir="auto">a</p><input dir="auto" name="a" dir="auto">`)); found == "" {
		t.Error("a doubled attribute is not found")
	}
	ana := a.customer("Ana")
	ticket := fmt.Sprintf("/tickets/%d", ana.opens("A lamp").ID)
	for _, path := range []string{"/tickets/new", ticket, ticket + "/edit", "/account"} {
		ana.get(path).wants(t, 200)
	}
	boss := a.admin("Boss")
	for _, path := range []string{"/dashboard", ticket, "/admin/users", "/admin/users/new", "/admin/categories"} {
		boss.get(path).wants(t, 200)
	}
	for _, path := range []string{"/", "/login", "/register", "/api/docs"} {
		a.visitor().get(path).wants(t, 200)
	}
}
