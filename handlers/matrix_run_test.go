package handlers

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
)

// secret is in every text and file name of the other customer.
const secret = "wombat"

// person is a user who tries a route.
type person struct {
	name string
	*client
}

// cell is one case of the matrix: a person requests a route with an ID in a relation.
type cell struct {
	entry
	person
	method, path, relation string
}

// String names the cell in failure messages.
func (c cell) String() string {
	return fmt.Sprintf("%s %s by %s (%s)", c.method, c.path, c.person.name, c.relation)
}

// matrixRun tests all cells of the matrix.
type matrixRun struct {
	app             *app
	t               *testing.T
	blobs           fs.FS
	other           *client // the owner of all foreign targets
	people          []person
	targets         map[string]string // the IDs that can be used again, by key
	state           snapshot          // nil if the database may have changed since
	made            int
	cells, requests int
}

// newMatrixRun starts a desk for the matrix, without limits, that counts the changes of
// its tables.
func newMatrixRun(t *testing.T) *matrixRun {
	t.Helper()
	dir := t.TempDir()
	blobs, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	app := newApp(t, unlimited, sendsMail, func(o *desk.Options) { o.Blobs = blobs })
	m := &matrixRun{app: app, t: t, blobs: os.DirFS(dir), other: app.customer(secret), targets: map[string]string{}}
	m.invite()
	app.countChanges()
	return m
}

// invite creates the persons. The disabled and the demoted one have sessions from before the
// change; the former admin has signed in again.
func (m *matrixRun) invite() {
	boss := m.app.admin("Boss")
	disabled, demoted, former, newcomer := m.app.customer("Disabled"), m.app.admin("Demoted"), m.app.admin("Former"), m.app.admin("Newcomer")
	actor, ctx := boss.actor(account.RoleAdmin), m.t.Context()
	for _, err := range []error{
		m.app.desk.Accounts.Users.SetRole(ctx, actor, demoted.id, string(account.RoleCustomer)),
		m.app.desk.Accounts.Users.SetRole(ctx, actor, former.id, string(account.RoleCustomer)),
	} {
		if err != nil {
			m.t.Fatal(err)
		}
	}
	former.signIn()
	m.app.exec("update users set disabled_at = now() where id = $1", disabled.id) // its session still exists and must not be accepted
	m.app.exec("update users set must_change_password = true where id = $1", newcomer.id)
	m.people = []person{{"anonymous", m.app.visitor()}, {"customer", m.app.customer("Customer")}, {"agent", m.app.agent("Agent")}, {"admin", boss},
		{"disabled", disabled}, {"demoted", demoted}, {"former admin", former}, {"newcomer", newcomer}}
}

// tryRoute tries a route as each person, with each relation that a person can have to its
// target.
func (m *matrixRun) tryRoute(method, path string, e entry) {
	m.state = nil
	for _, p := range m.people {
		for _, relation := range relations[e.kind] {
			if p.id == 0 && strings.HasPrefix(relation, "own") {
				continue
			}
			c := cell{entry: e, person: p, method: method, path: path, relation: relation}
			m.cells++
			m.tryCell(c)
			endsSessions := strings.HasSuffix(path, "/sessions") || path == "/logout"
			if method == http.MethodPost && endsSessions && !c.isOut() {
				p.signIn()
				m.state = nil
			}
		}
	}
}

// tryCell sends the requests of one cell and checks their answers and what they change.
func (m *matrixRun) tryCell(c cell) {
	target := m.target(c)
	address := strings.NewReplacer(":id", target, ":name", target, ":user", "999999", ":seq", noteSeq).Replace(c.path)
	if m.state == nil {
		m.state = m.snapshot(c)
	}
	if c.method == http.MethodPost && c.who != web.Open { // open routes ignore cookies
		m.expect(c, m.request(c, address, "Origin", "https://evil.example"), http.StatusForbidden)
	}
	if c.isRefused() {
		m.tryRefused(c, address)
	}
	if c.isRefused() || c.method == http.MethodPost {
		now := m.snapshot(c)
		if what := m.state.differs(now); what != "" {
			m.t.Errorf("%s changed %s", c, what)
		}
		m.state = now
	}
	if c.isRefused() {
		return
	}
	m.expect(c, m.request(c, address), c.want())
	m.state = nil
	if c.method == http.MethodPost {
		delete(m.targets, m.key(c))
	}
}

// tryRefused sends the request as a page, for htmx, for a script, and with a file. All must
// be refused.
func (m *matrixRun) tryRefused(c cell, address string) {
	want := c.want()
	if c.method == http.MethodHead {
		m.expect(c, m.request(c, address), want)
		return
	}
	plain, byHtmx, byScript := m.request(c, address), m.request(c, address, htmx...), m.request(c, address, asJSON...)
	if want != http.StatusSeeOther {
		m.expect(c, plain, want)
		m.expect(c, byHtmx, want)
		m.expect(c, byScript, want)
	} else {
		to := "/login?next="
		forScripts := http.StatusUnauthorized
		if c.isHeldBack() {
			to, forScripts = "/account", http.StatusSeeOther
		}
		m.expect(c, plain, want)
		m.expect(c, byHtmx, http.StatusUnauthorized)
		m.expect(c, byScript, forScripts)
		if at := plain.Header.Get("Location"); !strings.HasPrefix(at, to) {
			m.t.Errorf("%s redirects to %q", c, at)
		}
		if at := byHtmx.Header.Get("HX-Redirect"); !strings.HasPrefix(at, to) {
			m.t.Errorf("%s redirects htmx to %q", c, at)
		}
	}
	if c.method != http.MethodPost {
		return
	}
	m.requests++
	got := c.upload(address, c.form, []file{{"attachment", "a.txt", "a file"}})
	if got.StatusCode != http.StatusBadRequest { // the route accepts no files from any user
		m.expect(c, got, want)
	}
}

// request sends the request of the cell.
func (m *matrixRun) request(c cell, address string, headers ...string) page {
	m.requests++
	if c.method == http.MethodPost {
		return c.post(address, c.form, headers...)
	}
	return c.send(c.method, address, nil, headers...)
}

// expect fails the test if the answer has another status, or shows data of another user.
func (m *matrixRun) expect(c cell, got page, want int) {
	m.t.Helper()
	if got.StatusCode != want {
		m.t.Errorf("%s: got %d, want %d; Location is %q, the heading %q", c, got.StatusCode, want, got.Header.Get("Location"), got.text("h1"))
	}
	seesOthers := c.person.name == "admin" || c.person.name == "agent" || c.person.name == "light agent"
	if (!seesOthers || c.isRefused()) && strings.Contains(got.body+fmt.Sprint(got.Header), secret) {
		m.t.Errorf("%s shows data of another user", c)
	}
}

// snapshot returns a snapshot of all tables and, for a request with a body, the number of
// stored files.
func (m *matrixRun) snapshot(c cell) snapshot {
	m.t.Helper()
	out, n := m.app.everything(m.t), 0
	if c.method != http.MethodPost {
		return out
	}
	err := fs.WalkDir(m.blobs, ".", func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	out["files"] = fmt.Sprint(n)
	return out
}
