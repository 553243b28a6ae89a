package handlers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// client is a browser: it stores cookies and sends Origin. It does not follow redirects.
type client struct {
	app  *app
	http *http.Client
	id   int64 // the ID of the account
	name string
}

// page is an answer with its document.
type page struct {
	*http.Response
	body string
	doc  *document
}

// document is an HTML page. It is parsed at the first Find, because most pages of the matrices
// are compared only as text.
type document struct {
	html   string
	parsed *goquery.Document
}

// Find returns the elements that match a selector.
func (d *document) Find(selector string) *goquery.Selection {
	if d.parsed == nil {
		root, err := html.Parse(strings.NewReader(d.html))
		if err != nil {
			panic(err) // the reader of a string returns no errors
		}
		d.parsed = goquery.NewDocumentFromNode(root)
	}
	return d.parsed.Find(selector)
}

// enter creates a session for the client without checking a password, because hashing is
// slow.
func (c *client) enter() {
	c.app.t.Helper()
	u, err := url.Parse(c.app.srv.URL)
	if err != nil {
		c.app.t.Fatal(err)
	}
	token, values := rand.Text(), fmt.Sprintf(`{%q: %d, %q: 1, %q: "Go-http-client/1.1"}`, web.KeyUser, c.id, web.KeyVersion, web.KeyAgent)
	if err := c.app.desk.Accounts.Sessions.Store().CommitCtx(c.app.t.Context(), token, []byte(values), time.Now().Add(account.SessionLifetime)); err != nil {
		c.app.t.Fatal(err)
	}
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: web.SessionCookie, Value: token, Path: "/"}})
}

// email returns the address of the client's account.
func (c *client) email() string { return strings.ToLower(c.name) + "@example.org" }

// signIn signs the account in again, on the same cookies.
func (c *client) signIn() {
	c.app.t.Helper()
	got := c.post("/login", url.Values{"email": {c.email()}, "password": {password}})
	if got.StatusCode != http.StatusSeeOther {
		c.app.t.Fatalf("sign in as %s: %d %s", c.name, got.StatusCode, got.body)
	}
}

// actor returns the actor of the client, for calls of services.
func (c *client) actor(role account.Role) account.Actor {
	return account.Actor{ID: c.id, Username: c.name, Email: c.email(), Role: role}
}

// self returns the actor of the client with the role in the database, for calls of services.
func (c *client) self() account.Actor {
	c.app.t.Helper()
	var role account.Role
	var custom *string
	var granted *int32
	if err := c.app.pool.QueryRow(c.app.t.Context(), "select role, custom_role, permissions from users where id = $1", c.id).Scan(&role, &custom, &granted); err != nil {
		c.app.t.Fatal(err)
	}
	return c.actor(role).WithCustomRole(custom, granted)
}

// get sends a GET request. Headers are pairs of name and value.
func (c *client) get(path string, headers ...string) page {
	return c.send(http.MethodGet, path, nil, headers...)
}

// head sends a HEAD request. Headers are pairs of name and value.
func (c *client) head(path string, headers ...string) page {
	return c.send(http.MethodHead, path, nil, headers...)
}

// post sends a urlencoded form as a browser does.
func (c *client) post(path string, form url.Values, headers ...string) page {
	return c.send(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// file is one chosen file of a multipart form.
type file struct{ field, name, content string }

// upload sends a multipart form.
func (c *client) upload(path string, form url.Values, files []file, headers ...string) page {
	c.app.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range form {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				c.app.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err != nil {
			c.app.t.Fatal(err)
		}
		io.WriteString(part, f.content)
	}
	w.Close()
	return c.send(http.MethodPost, path, &b, append([]string{"Content-Type", w.FormDataContentType()}, headers...)...)
}

// htmx has the headers of a request for a fragment.
var htmx = []string{"HX-Request", "true", "HX-Request-Type", "partial"}

// send sends a request and reads the answer. Headers are pairs of name and value; a header
// with the value "" is not sent.
func (c *client) send(method, path string, body io.Reader, headers ...string) page {
	c.app.t.Helper()
	req, err := http.NewRequest(method, c.app.srv.URL+path, body)
	if err != nil {
		c.app.t.Fatal(err)
	}
	req.Header.Set("Origin", c.app.srv.URL)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.app.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.app.t.Fatal(err)
	}
	if found := doubledAttribute(raw); found != "" && resp.Header.Get("Content-Encoding") == "" {
		c.app.t.Errorf("%s %s has an attribute twice in one tag: %s", method, path, found)
	}
	return page{Response: resp, body: string(raw), doc: &document{html: string(raw)}}
}

// follow follows a redirect.
func (c *client) follow(p page) page {
	c.app.t.Helper()
	to := p.wants(c.app.t, http.StatusSeeOther).Header.Get("Location")
	if to == "" {
		c.app.t.Fatalf("%s %s: the redirect has no Location", p.Request.Method, p.Request.URL)
	}
	return c.get(to)
}

// text returns the trimmed text of the first element that matches.
func (p page) text(selector string) string {
	return strings.Join(strings.Fields(p.doc.Find(selector).First().Text()), " ")
}

// has reports whether an element matches.
func (p page) has(selector string) bool { return p.doc.Find(selector).Length() > 0 }

// value returns the value of a control of a form.
func (p page) value(selector string) string {
	el := p.doc.Find(selector).First()
	if goquery.NodeName(el) == "textarea" {
		return strings.TrimPrefix(el.Text(), "\n")
	}
	v, _ := el.Attr("value")
	return v
}

// wantsValues fails the test for each selector whose control has another value.
func (p page) wantsValues(t *testing.T, values map[string]string) page {
	t.Helper()
	for selector, want := range values {
		if got := p.value(selector); got != want {
			t.Errorf("%s %s: %s has the value %q, want %q", p.Request.Method, p.Request.URL, selector, got, want)
		}
	}
	return p
}

// wants fails the test unless the answer has the status and shows the snippets.
func (p page) wants(t *testing.T, status int, snippets ...string) page {
	t.Helper()
	if p.StatusCode != status {
		t.Fatalf("%s %s: got %d, want %d: %s", p.Request.Method, p.Request.URL, p.StatusCode, status, p.body)
	}
	for _, s := range snippets {
		if !strings.Contains(p.body, s) {
			t.Errorf("%s %s: %q is missing in %s", p.Request.Method, p.Request.URL, s, p.body)
		}
	}
	return p
}

// lacks fails the test if the answer contains one of the snippets.
func (p page) lacks(t *testing.T, snippets ...string) page {
	t.Helper()
	for _, s := range snippets {
		if strings.Contains(p.body, s) {
			t.Errorf("%s %s shows %q", p.Request.Method, p.Request.URL, s)
		}
	}
	return p
}

// leadsTo fails the test unless the answer is a redirect to path.
func (p page) leadsTo(t *testing.T, path string) page {
	t.Helper()
	if got := p.wants(t, http.StatusSeeOther).Header.Get("Location"); got != path {
		t.Fatalf("%s %s: got a redirect to %q, want one to %q", p.Request.Method, p.Request.URL, got, path)
	}
	return p
}
