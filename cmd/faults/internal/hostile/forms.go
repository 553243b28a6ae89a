package hostile

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/cmd/faults/internal/client"
)

// texts are the bad inputs of a field, by name.
var texts = map[string]string{
	"nothing":         "",
	"spaces":          " \t\u00a0\u3000 \n ",
	"NUL":             "a\x00b",
	"invalid UTF-8":   "a\xff\xfe\xed\xa0\x80b",
	"right to left":   "\u202etxt.exe\u202c \u2067مرحبا\u2069",
	"combining marks": "a" + strings.Repeat("\u0301", 10_000),
	"markup":          `"'><xss onload=x></textarea><script>x()</script>`,
	"template":        "{{7*7}} ${7*7} <%= 7*7 %> @x()",
	"line ends":       "a\r\nSet-Cookie: xss=1\r\n\r\n<xss>",
	"a large number":  "99999999999999999999",
	"a negative one":  "-1",
	"SQL":             `'); drop table users; -- % _ \`,
	"a megabyte":      strings.Repeat("a", 1<<20),
}

// alone are the texts that are also tried in one field at a time, with the proposed values in the
// others.
var alone = []string{"NUL", "invalid UTF-8", "markup"}

// form is a form of a page.
type form struct {
	page, action string
	fields       []string   // names
	typed        []string   // names of those in which a user writes
	values       url.Values // as the page proposes them; fields that it requires are not empty
}

// pages are the pages whose forms get bad input. The forms are found on them, so that a new
// field is tried without a change here. ID is the ticket.
var pages = map[string][]string{
	"visitor":  {"/login", "/register"},
	"customer": {"/tickets/new", "/tickets/ID", "/tickets/ID/edit", "/account", "/tickets"},
	"admin": {"/tickets/ID", "/tickets/new", "/admin/users/new", "/admin/invitations", "/admin/roles", "/admin/categories", "/admin/settings",
		"/admin/mailboxes/new", "/admin/teams", "/views", "/account/away", "/dashboard", "/admin/users"},
}

// harmful matches the actions that would end the attack: of sessions, passwords and deletion.
var harmful = regexp.MustCompile(`/(logout|delete|sessions|disabled|revoke|discard|password|test)$`)

// Forms sends bad input in the fields of the forms.
func Forms(ctx context.Context, t *Target) (*Result, error) {
	r := &Result{}
	for who, by := range map[string]*client.Client{"visitor": client.New(t.Base), "customer": t.Owner, "admin": t.Admin} {
		tried := map[string]bool{}
		for _, page := range pages[who] {
			page = strings.ReplaceAll(page, "ID", fmt.Sprint(t.Ticket))
			forms, err := formsOf(ctx, by, page)
			if err != nil {
				return r, err
			}
			for _, f := range forms {
				path, _, _ := strings.Cut(f.action, "?")
				if tried[path] || harmful.MatchString(path) {
					continue
				}
				tried[path] = true
				if err := f.attack(ctx, r, who, by); err != nil {
					return r, err
				}
			}
		}
	}
	return r, nil
}

// formsOf returns the forms of a page that are sent by POST.
func formsOf(ctx context.Context, by *client.Client, page string) ([]form, error) {
	a, err := by.Do(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: answered %d", page, a.Status)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	if err != nil {
		return nil, err
	}
	var all []form
	doc.Find("form[method=post]").Each(func(_ int, s *goquery.Selection) {
		all = append(all, formOf(page, s))
	})
	return all, nil
}

// formOf returns the form that an element of a page is.
func formOf(page string, s *goquery.Selection) form {
	f := form{page: page, action: s.AttrOr("action", page), values: url.Values{}}
	first := s.Find("button:not([type=button])").First()
	s.Find("input, textarea, select, button").Each(func(_ int, field *goquery.Selection) {
		name := field.AttrOr("name", "")
		if name == "" || field.Is("[disabled]") {
			return
		}
		if !slices.Contains(f.fields, name) {
			f.fields = append(f.fields, name)
			if field.Is("textarea, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])") {
				f.typed = append(f.typed, name)
			}
		}
		// A browser sends one button of a form: the first one, unless the user chooses another.
		if value, ok := proposed(field); ok && (!field.Is("button") || field.IsSelection(first)) {
			f.values.Add(name, value)
		}
	})
	return f
}

// proposed returns the value of a field that a browser sends if the user changes only what the page
// requires. ok is false if it sends none.
func proposed(field *goquery.Selection) (value string, ok bool) {
	required := field.Is("[required]")
	switch {
	case field.Is("select"):
		option := field.Find("option[selected]").First()
		if option.Length() == 0 && required {
			option = field.Find(`option[value!=""]`).First()
		} else if option.Length() == 0 {
			option = field.Find("option:not([disabled])").First()
		}
		return option.AttrOr("value", strings.TrimSpace(option.Text())), option.Length() > 0
	case field.Is("input[type=radio], input[type=checkbox]"):
		return field.AttrOr("value", "on"), field.Is("[checked]")
	case field.Is("textarea"):
		value = field.Text()
	default:
		value = field.AttrOr("value", "")
	}
	if required && value == "" {
		value = "some words"
		if field.Is("[type=email]") {
			value = "somebody@example.org"
		}
	}
	return value, !field.Is("[type=file]")
}

// proposal returns the values that the page proposes, with a key of their own if the form has one, so
// that they are not an earlier submission again.
func (f form) proposal() url.Values {
	values := maps.Clone(f.values)
	if values.Has("submission_id") {
		values.Set("submission_id", rand.Text())
	}
	return values
}

// attack sends the bad inputs in the fields of a form: in all of them, in those for text with the proposed
// values in the others, because a form with a wrong hidden field is refused, and in one field at a time.
func (f form) attack(ctx context.Context, r *Result, who string, by *client.Client) error {
	for name, text := range texts {
		all, typed := url.Values{}, f.proposal()
		for _, field := range f.fields {
			all.Set(field, text)
		}
		for _, field := range f.typed {
			typed.Set(field, text)
		}
		if len(all)*len(text) > 8<<20 { // a form of more than 1 MiB is refused, whatever its size
			continue
		}
		if err := f.send(ctx, r, by, all, fmt.Sprintf("%s: %s in all fields of %s", who, name, f.action)); err != nil {
			return err
		}
		if err := f.send(ctx, r, by, typed, fmt.Sprintf("%s: %s in the fields for text of %s", who, name, f.action)); err != nil {
			return err
		}
	}
	for _, name := range alone {
		for _, field := range f.fields {
			one := f.proposal()
			one.Set(field, texts[name])
			if err := f.send(ctx, r, by, one, fmt.Sprintf("%s: %s in %s of %s", who, name, field, f.action)); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends the form with the values, and requests the page to which the answer redirects, because it may
// show what was stored.
func (f form) send(ctx context.Context, r *Result, by *client.Client, values url.Values, what string) error {
	a, err := by.Form(ctx, f.action, values)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	r.sound(what, a)
	if a.Status != http.StatusSeeOther {
		return nil
	}
	if a, err = by.Do(ctx, http.MethodGet, a.Header.Get("Location"), nil); err != nil {
		return fmt.Errorf("%s: the next page: %w", what, err)
	}
	r.sound(what+", the next page", a)
	return nil
}
