package handlers

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/desk"
)

// Every field of every form meets what no field should hold. The answer may be
// what it likes but a fault of ours, and nothing of it may come alive on a page.

// markup would come alive where a page forgot to escape it, and fits in the
// shortest field.
const markup = `"'><xss onload=x></textarea><script>x()</script>`

// hostile is what is put into each field.
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
	"1 MB":            strings.Repeat("a", 1<<20),
}

// target is a form: where it is sent, by whom, and with what it would pass.
type target struct {
	path, by string
	good     url.Values
	slow     bool // it hashes a password
	shows    bool // the page behind it shows what was typed
}

func fields(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// targets are the forms. Those with an id in their path are about the one
// ticket, the customer, or the first category.
var targets = []target{
	{"/register", "visitor", fields("username", "New", "email", "new@example.org", "password", password, "next", "/"), true, true},
	{"/login", "visitor", fields("email", "nobody@example.org", "password", password, "next", "/"), true, false},
	{"/account/theme", "customer", fields("theme", "dark"), false, false},
	{"/account/sessions", "customer", fields("session", "x"), false, false},
	{"/account/profile", "customer", fields("username", "Ana", "email", "ana@example.org", "current", password), true, true},
	{"/account/password", "customer", fields("email", "ana@example.org", "current", password, "password", "another long password"), true, false},
	{"/tickets", "customer", fields("subject", "S", "description", "D", "category", "2", "priority", "Low", "submission_id", "", "remove", ""), false, true},
	{"/tickets/1", "customer", fields("subject", "S", "description", "D", "category", "2", "priority", "Low", "version", "1", "submission_id", "", "remove", "", "remove_file", ""), false, true},
	{"/tickets/1/comments", "admin", fields("text", "T", "then", "", "submission_id", "", "remove", ""), false, true},
	{"/tickets/1/messages", "customer", fields("text", "T", "kind", "chat", "submission_id", ""), false, true},
	{"/tickets/1/status", "admin", fields("status", "RESOLVED", "version", "1"), false, false},
	{"/tickets/1/triage", "admin", fields("status", "OPEN", "priority", "Low", "category", "2", "version", "1", "return", ""), false, false},
	{"/admin/users", "admin", fields("username", "New", "email", "new@example.org", "role", "customer"), true, true},
	{"/admin/users/1/role", "admin", fields("role", "customer"), false, false},
	{"/admin/users/1/disabled", "admin", fields("disabled", "false"), false, false},
	{"/admin/categories", "admin", fields("name", "New"), false, true},
	{"/admin/categories/1", "admin", fields("name", "New", "do", "rename"), false, true},
}

// formless are the deeds that read no field.
var formless = []string{"/logout", "/tickets/1/delete", "/uploads/1", "/uploads/1/delete", "/uploads", "/admin/users/1/sessions", "/admin/users/1/password", "/admin/trash/1/restore"}

// cast is who attacks, on one app with one ticket, the customer's.
type cast map[string]*client

func newCast(t *testing.T) cast {
	t.Helper()
	a := newApp(t, unlimited)
	customer := a.customer("Ana") // the account 1
	a.ticketWithFile(customer)
	return cast{"visitor": a.visitor(), "customer": customer, "admin": a.admin("Priya")}
}

// unlimited lets a test ask faster than people do.
func unlimited(o *desk.Options) {
	many := desk.Limit{N: 100_000, Per: time.Second}
	o.Limits = desk.Limits{SignIn: many, Register: many, Tickets: many, Uploads: many}
}

// attackedPages are where what got through is shown.
var attackedPages = map[string][]string{
	"customer": {"/tickets", "/tickets/1", "/tickets/1/edit", "/tickets/1/delete", "/account"},
	"admin": {"/tickets", "/tickets/1", "/tickets/1/edit", "/dashboard", "/account", "/admin/users", "/admin/users/1", "/admin/categories",
		"/tickets/new", "/admin/trash"},
}

func TestNoFieldOfAnyFormDoesHarm(t *testing.T) {
	t.Parallel()
	for _, to := range targets {
		t.Run(to.path, func(t *testing.T) {
			c, shown := newCast(t), 0
			to.good = maps.Clone(to.good)
			for what, value := range hostile {
				all := url.Values{}
				for field := range to.good {
					all.Set(field, value)
					if !to.slow || what == "markup" || what == "NUL" {
						one := maps.Clone(to.good)
						one.Set(field, value)
						shown += c.attack(t, to, one, field+": "+what)
					}
				}
				shown += c.attack(t, to, all, "all: "+what)
			}
			if to.shows && shown == 0 {
				t.Error("no markup was let through to be looked at")
			}
			for by, pages := range attackedPages {
				for _, at := range pages {
					c[by].get(at).wants(t, 200).sound(t, at)
				}
			}
		})
	}
}

// attack sends the form in each way that browsers know, and tells in how many
// answers markup stood as text.
func (c cast) attack(t *testing.T, to target, values url.Values, what string) (shown int) {
	t.Helper()
	by := c[to.by]
	if to.by == "visitor" {
		by = by.app.visitor()
	}
	ways := []func() page{
		func() page { return by.upload(to.path, values, nil) },
		func() page { return by.post(to.path, values) },
		func() page { return by.post(to.path, values, htmx...) },
	}
	if to.slow {
		ways = ways[:1]
	}
	for _, send := range ways {
		c.renew(t, to, values)
		got := send()
		got.sound(t, what)
		switch got.StatusCode {
		case 200, 201:
			shown += strings.Count(got.body, "&lt;xss onload=x&gt;")
		case 303:
			if at := got.Header.Get("Location"); localPath(at, "") == "" {
				t.Errorf("%s leads to %q", what, at)
			}
			after := by.follow(got)
			after.sound(t, what+", after")
			shown += strings.Count(after.body, "&lt;xss onload=x&gt;")
		case 422:
			got.givesBack(t, values, what)
		}
	}
	return shown
}

// renew puts right what the attack before has changed, so that this one is not
// refused for another reason.
func (c cast) renew(t *testing.T, to target, values url.Values) {
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

// sound fails where an answer is a fault of ours, is no text, or has come alive.
func (p page) sound(t *testing.T, what string) {
	t.Helper()
	if p.StatusCode >= 500 {
		t.Errorf("%s: %d %s", what, p.StatusCode, p.text("h1"))
	}
	if p.has("xss, script:not([src]), [onload], [onerror]") || strings.Contains(fmt.Sprint(p.Header), "xss") {
		t.Errorf("%s has come alive: %v", what, p.Header)
	}
	if !utf8.ValidString(p.body) || strings.Contains(p.body, "\x00") {
		t.Errorf("%s: the answer is no text", what)
	}
}

// givesBack fails where a refused form has lost what was typed into it.
func (p page) givesBack(t *testing.T, sent url.Values, what string) {
	t.Helper()
	for field, values := range sent {
		box := p.doc.Find(fmt.Sprintf("main input[type=text][name=%[1]s], main input[type=email][name=%[1]s], main textarea[name=%[1]s]", field))
		if box.Length() != 1 || !utf8.ValidString(values[0]) || strings.ContainsAny(values[0], "\x00\r\n") {
			continue
		}
		if got := p.value(fmt.Sprintf("main [name=%s]", field)); strings.TrimSpace(got) != strings.TrimSpace(values[0]) {
			t.Errorf("%s: %s comes back as %.80q, not %.80q", what, field, got, values[0])
		}
	}
}

func TestEveryFormOnAPageIsAttacked(t *testing.T) {
	c := newCast(t)
	known := map[string]url.Values{}
	for _, to := range targets {
		known[to.path] = to.good
	}
	for _, path := range formless {
		known[path] = url.Values{}
	}
	number := regexp.MustCompile(`/(\d+|[a-z2-7]{26})\b`)
	pages := map[string][]string{"visitor": {"/login", "/register"}}
	maps.Copy(pages, attackedPages)
	pages["customer"] = append(pages["customer"], "/tickets/new")
	pages["admin"] = append(pages["admin"], "/admin/users/new")
	for by, all := range pages {
		for _, at := range all {
			got := c[by].get(at)
			got.doc.Find("form[method=post]").Each(func(_ int, f *goquery.Selection) {
				action, id := number.ReplaceAllString(f.AttrOr("action", at), "/1"), f.AttrOr("id", "-")
				good, ok := known[action]
				if !ok {
					t.Errorf("the form %s on %s is not attacked", action, at)
				}
				f.Find("[name]").AddSelection(got.doc.Find("[name][form='" + id + "']")).Each(func(_ int, box *goquery.Selection) {
					if name := box.AttrOr("name", ""); box.AttrOr("type", "") != "file" && !good.Has(name) && ok && len(good) > 0 {
						t.Errorf("the field %s of %s is not attacked", name, action)
					}
				})
			})
		}
	}
	for _, r := range (&server{}).routes() {
		path := strings.NewReplacer(":id", "1", ":name", "1").Replace(r.path)
		if _, ok := known[path]; r.method == http.MethodPost && !ok {
			t.Errorf("%s is not attacked", path)
		}
	}
}

func TestAFormWhoseSessionHadEndedDoesNoHarm(t *testing.T) {
	c := newCast(t)
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
			if got.StatusCode == 303 && !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
				t.Errorf("%s: %s leads to %s", to.path, what, got.Header.Get("Location"))
			}
			by.app.exec("update sessions set revoked_at = null where user_id = $1", by.id)
		}
		by.signIn()
		for _, at := range attackedPages[to.by] {
			by.get(at).wants(t, 200).sound(t, at)
		}
	}
}
