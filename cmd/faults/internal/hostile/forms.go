package hostile

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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
	values       url.Values // as the page proposes them
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
		f := form{page: page, action: s.AttrOr("action", page), values: url.Values{}}
		s.Find("input, textarea, select, button").Each(func(_ int, field *goquery.Selection) {
			if name := field.AttrOr("name", ""); name != "" {
				f.values.Set(name, field.AttrOr("value", field.Text()))
			}
		})
		all = append(all, f)
	})
	return all, nil
}

// attack sends the bad inputs in the fields of a form.
func (f form) attack(ctx context.Context, r *Result, who string, by *client.Client) error {
	for name, text := range texts {
		all := url.Values{}
		for field := range f.values {
			all.Set(field, text)
		}
		if len(all)*len(text) > 8<<20 { // a form of more than 1 MiB is refused, whatever its size
			continue
		}
		if err := f.send(ctx, r, by, all, fmt.Sprintf("%s: %s in all fields of %s", who, name, f.action)); err != nil {
			return err
		}
	}
	for _, name := range alone {
		for field := range f.values {
			one := url.Values{}
			for k, v := range f.values {
				one[k] = v
			}
			one.Set(field, texts[name])
			if err := f.send(ctx, r, by, one, fmt.Sprintf("%s: %s in %s of %s", who, name, field, f.action)); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends the form with the values.
func (f form) send(ctx context.Context, r *Result, by *client.Client, values url.Values, what string) error {
	a, err := by.Form(ctx, f.action, values)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	r.sound(what, a)
	return nil
}
