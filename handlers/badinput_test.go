package handlers

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/handlers/web"
)

// These tests send bad input in every field of every form. The answer may have any status
// below 500, and no page may contain the input as active markup.

// markup is active if a page does not escape it. It fits in the shortest field.
const markup = `"'><xss onload=x></textarea><script>x()</script>`

// hostile has the bad input of each field, by name.
var hostile = map[string]string{
	"nothing":         "",
	"spaces":          " \t\u00a0\u3000 \n ",
	"NUL":             "a\x00b",
	"invalid UTF-8":   "a\xff\xfe\xed\xa0\x80b",
	"right to left":   "\u202etxt.exe\u202c \u2067مرحبا\u2069",
	"combining marks": "a" + strings.Repeat("\u0301", 10_000),
	"markup":          markup,
	"template":        "{{7*7}} ${7*7} <%= 7*7 %> {7*7} @x()",
	"line ends":       "a\r\nSet-Cookie: xss=1\r\n\r\n<xss>",
	"not one of them": "root",
	"a large number":  "99999999999999999999",
	"a negative one":  "-1",
	"a fraction":      "1.5",
	"other digits":    "١",
	"far too much":    strings.Repeat("a", 20_001),
}

func TestBadInputInFormFieldsIsHandled(t *testing.T) {
	t.Parallel()
	for _, to := range targets {
		t.Run(to.path, func(t *testing.T) {
			c := newClients(t)
			c.attackFields(t, to)
			for by, pages := range attackedPages {
				for _, at := range pages {
					c[by].get(at).wants(t, 200).sound(t, at)
				}
			}
		})
	}
}

// attackFields sends each bad input in each field, and in all fields at once.
func (c clients) attackFields(t *testing.T, to target) {
	t.Helper()
	shown := 0
	to.good = maps.Clone(to.good)
	for what, value := range hostile {
		what = " of " + to.path + ": " + what
		all := url.Values{}
		for field := range to.good {
			all.Set(field, value)
			if !to.slow || strings.HasSuffix(what, "markup") || strings.HasSuffix(what, "NUL") {
				one := maps.Clone(to.good)
				one.Set(field, value)
				shown += c.attack(t, to, one, field+what, (*client).asForm)
			}
		}
		shown += c.attack(t, to, all, "all"+what, (*client).asParts)
		if !to.slow {
			shown += c.attack(t, to, all, "all by htmx"+what, (*client).asHtmx)
		}
	}
	if !to.shows {
		return
	}
	if shown == 0 {
		t.Errorf("%s: no page shows the markup, so that the test cannot check it", to.path)
	}
	one := maps.Clone(to.good)
	for _, text := range []string{"description", "text", "username", "name"} {
		if one.Has(text) {
			one.Set(text, strings.Repeat("a", web.MaxFormBody))
		}
	}
	c.attack(t, to, one, "1 MB to "+to.path, (*client).asParts)
}

// unpacked requests answers without compression, which is slow for hundreds of answers.
var unpacked = []string{"Accept-Encoding", "identity"}

// asForm sends the values as a form.
func (c *client) asForm(path string, values url.Values) page {
	return c.post(path, values, unpacked...)
}

// asParts sends the values as a multipart form.
func (c *client) asParts(path string, values url.Values) page {
	return c.upload(path, values, nil, unpacked...)
}

// asHtmx sends the values as htmx does.
func (c *client) asHtmx(path string, values url.Values) page {
	return c.post(path, values, append(unpacked, htmx...)...)
}

// attack sends the form and returns how often the answer contains the markup as text.
func (c clients) attack(t *testing.T, to target, values url.Values, what string, send func(*client, string, url.Values) page) int {
	t.Helper()
	by := c[to.by]
	if to.by == "visitor" {
		by = by.app.visitor()
	}
	c.renew(t, to, values)
	got := send(by, to.path, values)
	got.sound(t, what)
	switch got.StatusCode {
	case 303:
		at := got.Header.Get("Location")
		if web.LocalPath(at, "") == "" {
			t.Errorf("%s leads to %q", what, at)
		}
		got = by.get(at, unpacked...)
		got.sound(t, what+", after")
	case 422:
		got.givesBack(t, values, what)
		return 0
	}
	return strings.Count(got.body, "&lt;xss onload=x&gt;")
}

// renew resets what the last attack has changed, so that the next one is not refused for
// another reason.
func (c clients) renew(t *testing.T, to target, values url.Values) {
	t.Helper()
	a := c["admin"].app
	if to.slow {
		a.exec("update users set password_hash = $1", testHash)
		a.exec("delete from users where email = 'new@example.org'")
	}
	if v := values.Get("version"); v == to.good.Get("version") && v != "" {
		var now string
		if err := a.pool.QueryRow(t.Context(), "select version::text from tickets where id = 1").Scan(&now); err != nil {
			t.Fatal(err)
		}
		values.Set("version", now)
		to.good.Set("version", now)
	}
}

// sound fails the test if an answer is a server error, is not text, or contains the markup
// as an element.
func (p page) sound(t *testing.T, what string) {
	t.Helper()
	if p.StatusCode >= 500 {
		t.Errorf("%s: %d %s", what, p.StatusCode, p.text("h1"))
	}
	p.lacksElements(t, "xss, script:not([src]):not([type='text/html']), [onload], [onerror]")
	if got := fmt.Sprint(p.Header); strings.Contains(got, "xss=") {
		t.Errorf(`%s: got %q, want it without "xss="`, what, got)
	}
	if !utf8.ValidString(p.body) {
		t.Errorf("%s: the answer is not UTF-8", what)
	}
	if strings.Contains(p.body, "\x00") {
		t.Errorf("%s: the answer has a zero byte", what)
	}
}

// givesBack fails the test if a refused form does not contain the typed values.
func (p page) givesBack(t *testing.T, sent url.Values, what string) {
	t.Helper()
	for field, values := range sent {
		box := p.doc.Find(fmt.Sprintf("main input[type=text][name=%[1]s], main input[type=email][name=%[1]s], main textarea[name=%[1]s]", field))
		if box.Length() != 1 || !utf8.ValidString(values[0]) || strings.ContainsAny(values[0], "\x00\r\n") {
			continue
		}
		if got := p.value(fmt.Sprintf("main [name=%s]", field)); strings.TrimSpace(got) != strings.TrimSpace(values[0]) {
			t.Errorf("%s: %s is shown as %.80q, want %.80q", what, field, got, values[0])
		}
	}
}

func TestBadInputAfterTheEndOfASessionIsHandled(t *testing.T) {
	c := newClients(t)
	for _, to := range targets {
		by := c[to.by]
		if to.by == "visitor" {
			continue
		}
		for what, value := range hostile {
			all := url.Values{value[:min(len(value), 20)]: {value}}
			for field := range to.good {
				all.Set(field, value)
			}
			by.app.exec("update sessions set revoked_at = now() where user_id = $1", by.id)
			got := by.post(to.path, all)
			got.sound(t, to.path+": "+what)
			if got.StatusCode != 303 || !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
				t.Errorf("%s: %s gets %d and leads to %s", to.path, what, got.StatusCode, got.Header.Get("Location"))
			}
			by.app.exec("update sessions set revoked_at = null where user_id = $1", by.id)
		}
		by.signIn()
		for _, at := range attackedPages[to.by] {
			by.get(at).wants(t, 200).sound(t, at)
		}
	}
}
