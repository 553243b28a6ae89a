package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// The privacy matrix: every route × {anonymous, customer, admin, disabled,
// demoted} × {own, foreign, deleted, unknown, malformed id}. It walks the
// router's own routes, so that a route without an entry here fails.

// entry is what a route is expected to do.
type entry struct {
	who  access     // for whom it is
	kind string     // what its id names: "" (no id), ticket, file, trash, user or category
	ok   int        // the status for who may
	form url.Values // what is posted
	out  int        // the status for visitors, where the route is public
	// cells are the exceptions, by "person relation".
	cells map[string]int
}

var edit = url.Values{"subject": {"Changed"}, "description": {"Changed"}, "category": {"Billing"}, "priority": {"High"}, "version": {"1"}}

var matrix = map[string]entry{
	"GET /health": {who: open, ok: 200},
	"GET /ready":  {who: open, ok: 200},

	"GET /":          {who: public, ok: 303, out: 200},
	"GET /login":     {who: public, ok: 303, out: 200},
	"POST /login":    {who: public, ok: 401, out: 401, form: url.Values{"email": {"nobody@example.org"}, "password": {"wrong"}}},
	"GET /register":  {who: public, ok: 303, out: 200},
	"POST /register": {who: public, ok: 422, out: 422},
	"POST /logout":   {who: public, ok: 303, out: 303},

	"GET /account":           {ok: 200},
	"POST /account/profile":  {ok: 422, form: url.Values{"username": {"X"}, "email": {"x@example.org"}, "current": {"wrong"}}},
	"POST /account/password": {ok: 422, form: url.Values{"current": {"wrong"}, "password": {"another long password"}}},
	"POST /account/sessions": {ok: 303},
	"POST /account/theme":    {ok: 303, form: url.Values{"theme": {"dark"}}},

	"GET /tickets":               {ok: 200},
	"GET /tickets/new":           {ok: 200},
	"POST /tickets":              {ok: 303, form: edit},
	"GET /tickets/:id":           {kind: "ticket", ok: 200},
	"GET /tickets/:id/edit":      {kind: "ticket", ok: 200},
	"GET /tickets/:id/delete":    {kind: "ticket", ok: 200},
	"GET /tickets/:id/events":    {kind: "ticket", ok: 200},
	"GET /tickets/:id/chat":      {kind: "ticket", ok: 303},
	"POST /tickets/:id":          {kind: "ticket", ok: 303, form: edit},
	"POST /tickets/:id/delete":   {kind: "ticket", ok: 303},
	"POST /tickets/:id/comments": {kind: "ticket", ok: 303, form: url.Values{"text": {"A word"}}},
	"POST /tickets/:id/messages": {kind: "ticket", ok: 303, form: url.Values{"text": {"A word"}}},
	"POST /tickets/:id/status":   {kind: "ticket", ok: 303, form: url.Values{"status": {"CLOSED"}}, cells: map[string]int{"customer own": 403}},
	"POST /tickets/:id/triage": {kind: "ticket", ok: 303, form: url.Values{"status": {"CLOSED"}, "priority": {"Low"}, "category": {"Billing"}, "version": {"1"}},
		cells: map[string]int{"customer own": 403}},

	"POST /uploads":              {ok: 422},
	"GET /uploads/:name":         {kind: "file", ok: 200},
	"POST /uploads/:name/delete": {kind: "file", ok: 303},

	"GET /dashboard":                 {who: admin, ok: 200},
	"GET /admin/users":               {who: admin, ok: 200},
	"POST /admin/users":              {who: admin, ok: 422},
	"GET /admin/users/new":           {who: admin, ok: 200},
	"GET /admin/users/:id":           {who: admin, kind: "user", ok: 200},
	"POST /admin/users/:id/role":     {who: admin, kind: "user", ok: 303, form: url.Values{"role": {"admin"}}, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/disabled": {who: admin, kind: "user", ok: 303, form: url.Values{"disabled": {"true"}}, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/sessions": {who: admin, kind: "user", ok: 303},
	"POST /admin/users/:id/password": {who: admin, kind: "user", ok: 200, cells: map[string]int{"admin own": 409}},
	"GET /admin/categories":          {who: admin, ok: 200},
	"POST /admin/categories":         {who: admin, ok: 422},
	"POST /admin/categories/:id":     {who: admin, kind: "category", ok: 303, form: url.Values{"name": {"Billing"}, "do": {"rename"}}},
	"GET /admin/trash":               {who: admin, ok: 200},
	"POST /admin/trash/:id/restore":  {who: admin, kind: "trash", ok: 303},
}

// secret is in every text and file name of the other customer.
const secret = "wombat"

// person is somebody who tries a route. Demoted and disabled ones had a session
// when that happened to them.
type person struct {
	name string
	*client
}

func (p person) isOut() bool {
	return p.name == "anonymous" || p.name == "disabled" || p.name == "demoted"
}

// want is what the rules say about a cell.
func (e entry) want(p person, relation string) int {
	if status, ok := e.cells[p.name+" "+relation]; ok {
		return status
	}
	switch {
	case e.who == open:
		return e.ok
	case e.who == public && p.isOut():
		return e.out
	case p.isOut():
		return http.StatusSeeOther // to the sign-in page
	case e.who == admin && p.name == "customer":
		return http.StatusForbidden
	case relation == "unknown" || relation == "malformed":
		return http.StatusNotFound
	case relation == "deleted" && e.kind != "trash":
		return http.StatusNotFound
	case relation == "foreign" && p.name == "customer":
		return http.StatusNotFound
	}
	return e.ok
}

func (e entry) relations() []string {
	switch e.kind {
	case "":
		return []string{"none"}
	case "ticket", "file":
		return []string{"own", "foreign", "deleted", "unknown", "malformed"}
	}
	return []string{"own", "foreign", "unknown", "malformed"}
}

func TestEveryRouteGivesEverybodyOnlyWhatIsTheirs(t *testing.T) {
	app := newApp(t, func(o *desk.Options) {
		many := desk.Limit{N: 100_000, Per: time.Second}
		o.Limits = desk.Limits{SignIn: many, Register: many, Tickets: many, Uploads: many}
	})
	m := &matrixRun{app: app, other: app.customer(secret)}
	seen := map[string]bool{}
	for _, r := range app.srv.Config.Handler.(*echo.Echo).Routes() {
		if strings.HasPrefix(r.Path, "/static/") || r.Method == "echo_route_not_found" {
			continue
		}
		name := strings.Replace(r.Method, http.MethodHead, http.MethodGet, 1) + " " + r.Path
		e, ok := matrix[name]
		if !ok {
			t.Errorf("%s %s has no entry in the matrix", r.Method, r.Path)
			continue
		}
		seen[name] = true
		m.tryRoute(r.Method, r.Path, e)
	}
	for name := range matrix {
		if !seen[name] {
			t.Errorf("the matrix has %s, the router does not", name)
		}
	}
	t.Logf("%d cells", m.cells)
}

// matrixRun walks the matrix.
type matrixRun struct {
	app    *app
	other  *client // whose things are foreign to everybody
	people []person
	made   int
	cells  int
}

func (m *matrixRun) tryRoute(method, path string, e entry) {
	if m.people == nil || strings.Contains(path, "/users/:id") {
		m.invite()
	}
	for i, p := range m.people {
		for _, relation := range e.relations() {
			if p.client.id == 0 && relation == "own" {
				continue
			}
			m.cells++
			m.tryCell(method, path, e, p, relation)
			if method == http.MethodPost && (strings.HasSuffix(path, "/sessions") || path == "/logout") && !p.isOut() {
				m.people[i].client.signIn()
			}
		}
	}
}

// invite makes one of each, as they stand: some were signed in when they lost their part.
func (m *matrixRun) invite() {
	m.made++
	name := func(s string) string { return fmt.Sprint(s, m.made) }
	boss := m.app.admin(name("boss"))
	disabled, demoted := m.app.customer(name("disabled")), m.app.admin(name("demoted"))
	actor := boss.actor(desk.RoleAdmin)
	if err := m.app.desk.SetDisabled(m.app.t.Context(), actor, disabled.id, true); err != nil {
		m.app.t.Fatal(err)
	}
	if err := m.app.desk.SetRole(m.app.t.Context(), actor, demoted.id, desk.RoleCustomer); err != nil {
		m.app.t.Fatal(err)
	}
	m.people = []person{{"anonymous", m.app.visitor()}, {"customer", m.app.customer(name("customer"))}, {"admin", boss}, {"disabled", disabled}, {"demoted", demoted}}
}

func (m *matrixRun) tryCell(method, path string, e entry, p person, relation string) {
	target := m.target(e, p, relation)
	address := strings.NewReplacer(":id", target, ":name", target).Replace(path)
	before := m.app.everything(m.app.t)
	var got page
	if method == http.MethodPost {
		got = p.post(address, e.form)
	} else {
		got = p.send(method, address, nil)
	}
	cell := fmt.Sprintf("%s %s by %s (%s)", method, path, p.name, relation)
	if want := e.want(p, relation); got.StatusCode != want {
		m.app.t.Errorf("%s: %d, not %d; it leads to %q and says %q", cell, got.StatusCode, want, got.Header.Get("Location"), got.text("h1"))
	}
	refused := got.StatusCode == http.StatusForbidden || got.StatusCode == http.StatusNotFound
	if p.isOut() && e.who != public && e.who != open {
		if !strings.HasPrefix(got.Header.Get("Location"), "/login") {
			m.app.t.Errorf("%s leads to %q", cell, got.Header.Get("Location"))
		}
		refused = true
	}
	if refused {
		if what := before.differs(m.app.everything(m.app.t)); what != "" {
			m.app.t.Errorf("%s changed %s", cell, what)
		}
	}
	if p.name != "admin" && relation != "own" && strings.Contains(got.body, secret) {
		m.app.t.Errorf("%s shows what is somebody else's", cell)
	}
}

// target is the id of something fresh that stands in the relation to the person.
func (m *matrixRun) target(e entry, p person, relation string) string {
	switch relation {
	case "none":
		return ""
	case "unknown":
		return map[bool]string{true: strings.Repeat("a", 26), false: "999999"}[e.kind == "file"]
	case "malformed":
		return map[bool]string{true: "..%2f..%2fetc", false: "1e3"}[e.kind == "file"]
	}
	owner := m.other
	if relation == "own" {
		owner = p.client
	}
	switch e.kind {
	case "user":
		if relation == "own" {
			return fmt.Sprint(p.client.id)
		}
		return fmt.Sprint(m.freshUser())
	case "category":
		return "1"
	}
	ticket, file := m.app.ticketWithFile(owner)
	if relation == "deleted" || e.kind == "trash" {
		if err := m.app.desk.DeleteTicket(m.app.t.Context(), owner.actor(desk.RoleCustomer), ticket); err != nil {
			m.app.t.Fatal(err)
		}
	}
	if e.kind == "file" {
		return file
	}
	return fmt.Sprint(ticket)
}

func (m *matrixRun) freshUser() (id int64) {
	m.made++
	err := m.app.pool.QueryRow(m.app.t.Context(), "insert into users (username, email, password_hash) values ('Someone', $1, '-') returning id",
		fmt.Sprintf("someone%d@example.org", m.made)).Scan(&id)
	if err != nil {
		m.app.t.Fatal(err)
	}
	return id
}
