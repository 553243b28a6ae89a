package handlers

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// app is the complete server with a real listener and a separate database.
type app struct {
	t       *testing.T
	srv     *httptest.Server
	handler *Server
	desk    *desk.Desk
	pool    *pgxpool.Pool
	skew    atomic.Int64 // nanoseconds that are added to the clock of the desk

	counted bool                 // whether changes of the database are counted, see countChanges
	hashed  map[string]tableHash // the last hash of each table
}

// testKeys are the keys that sign and encrypt. The second one is an older key.
var testKeys = [][]byte{[]byte("a key of thirty-two bytes, or more"), []byte("the key of before, as long as that")}

// password is the password of all users.
const password = "a long enough password"

// newApp starts a desk on a database of its own. It makes the test parallel.
func newApp(t *testing.T, change ...func(*desk.Options)) *app {
	t.Helper()
	t.Parallel()
	return newAppOn(t, dbtest.New(t), change...)
}

// newAppOn is newApp with the given database.
func newAppOn(t *testing.T, pool *pgxpool.Pool, change ...func(*desk.Options)) *app {
	t.Helper()
	a := &app{t: t, pool: pool}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opts := desk.Options{Blobs: blobs, Cost: testCost, Now: func() time.Time { return time.Now().Add(time.Duration(a.skew.Load())) }}
	opts.Limits = limit.Defaults
	opts.Limits.Talk, opts.Limits.Actions = limit.Limit{}, limit.Limit{} // tests send more requests than users
	for _, f := range change {
		f(&opts)
	}
	a.desk = desk.New(a.pool, opts)
	if err := a.desk.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.firstReplyAssigns(false) // tests count the entries of logs
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := New(Config{Desk: a.desk, Log: log, DeskName: "Frontdesk", Ready: a.pool.Ping, Bus: db.NewBus(a.pool, log),
		TokenKeys: testKeys, CORSOrigins: []string{"https://app.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	a.srv, a.handler = serve(h), h
	t.Cleanup(func() { h.CloseSockets(); a.srv.Close(); cancel(); <-done })
	return a
}

// team adds a team with members and returns its id.
func (a *app) team(name string, private bool, members ...*client) (id int64) {
	a.t.Helper()
	err := a.pool.QueryRow(a.t.Context(), `insert into teams (name, name_key, private) values ($1, lower($1), $2) returning id`, name, private).Scan(&id)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, m := range members {
		a.exec("insert into team_members (team_id, user_id) values ($1, $2)", id, m.id)
	}
	return id
}

// firstReplyAssigns changes the setting of that name.
func (a *app) firstReplyAssigns(on bool) {
	a.t.Helper()
	if _, err := a.pool.Exec(a.t.Context(), `update settings set values = values || jsonb_build_object('firstReplyAssigns', $1::boolean)`, on); err != nil {
		a.t.Fatal(err)
	}
	if err := a.desk.Settings.Load(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

// serve serves h as the program does.
func serve(h *Server) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Listener = h.Listener(srv.Listener)
	srv.Start()
	return srv
}

type testLog struct{ t *testing.T }

// Write prints a line of the log if TEST_LOG is set.
func (l testLog) Write(p []byte) (int, error) {
	if os.Getenv("TEST_LOG") != "" {
		os.Stderr.Write(p)
	}
	return len(p), nil
}

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

// later advances the clock of the desk.
func (a *app) later(d time.Duration) { a.skew.Add(int64(d)) }

// visitor returns a client without a session, which does not follow redirects.
func (a *app) visitor() *client {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return &client{app: a, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// customer signs in a new customer with the given name.
func (a *app) customer(name string) *client { return a.signedIn(name, account.RoleCustomer) }

// agent signs in a new agent.
func (a *app) agent(name string) *client { return a.signedIn(name, account.RoleAgent) }

// admin signs in a new admin.
func (a *app) admin(name string) *client { return a.signedIn(name, account.RoleAdmin) }

// testCost makes hashing fast. The default cost is tested in the package account.
var testCost = account.Cost{Memory: 64, Time: 1}

// testHash is the hash of the password.
var testHash = testCost.Hash(password)

// signedIn creates an account with the role, and returns a client with a session of it.
func (a *app) signedIn(name string, role account.Role) *client {
	a.t.Helper()
	c := a.visitor()
	c.name = name
	email := strings.ToLower(name) + "@example.org"
	err := a.pool.QueryRow(a.t.Context(), "insert into users (username, email, password_hash, role) values ($1, $2, $3, $4) returning id", name, email, testHash, role).Scan(&c.id)
	if err != nil {
		a.t.Fatal(err)
	}
	c.enter()
	return c
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
	if err := c.app.desk.Accounts.Sessions().CommitCtx(c.app.t.Context(), token, []byte(values), time.Now().Add(account.SessionLifetime)); err != nil {
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
	to := p.Header.Get("Location")
	if p.StatusCode != http.StatusSeeOther || to == "" {
		c.app.t.Fatalf("no redirect but %d: %s", p.StatusCode, p.body)
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
	if got := p.Header.Get("Location"); p.StatusCode != http.StatusSeeOther || got != path {
		t.Fatalf("%s %s: got %d to %q, want 303 to %q: %s", p.Request.Method, p.Request.URL, p.StatusCode, got, path, p.body)
	}
	return p
}

// restrictedAgent signs in a light agent who sees only the tickets of their teams, and writes only notes.
func (a *app) restrictedAgent(name string) *client {
	a.t.Helper()
	a.exec("insert into roles (name, name_key, note) values ('Restricted agent', 'restricted agent', true) on conflict do nothing")
	c := a.customer(name)
	a.exec("update users set role = 'agent', custom_role = 'Restricted agent' where id = $1", c.id)
	c.signIn()
	return c
}
