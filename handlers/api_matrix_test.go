package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// The privacy matrix of the API: every route × {visitor, customer, admin,
// disabled, demoted, former admin, newcomer, a personal token, a revoked one} ×
// {own, foreign, deleted, staged, unknown, malformed id} × {as JSON, as a form
// with a file}. It tests all routes of the router, so that a route without an
// entry here fails.

// apiEntry describes the expected access of a route.
type apiEntry struct {
	who   web.Access
	kind  string // the kind of its id: "" (no id), ticket, file, notification or view
	ok    int    // the status for users with access
	body  any
	cells map[string]int // the exceptions, by "person relation"
}

var onlyStaff = map[string]int{"customer own": 403, "former admin own": 403, "personal token own": 403}

// notByRequesters has the exceptions of routes for staff who are not the requester.
var notByRequesters = map[string]int{"customer own": 403, "former admin own": 403, "personal token own": 403, "agent own": 403, "admin own": 403}

var apiMatrix = map[string]apiEntry{
	"GET /api/health":       {who: web.Open, ok: 200},
	"GET /api/openapi.json": {who: web.Open, ok: 200},
	"GET /api/docs":         {who: web.Open, ok: 200},

	"POST /api/auth/register": {who: web.Open, ok: 400, body: obj{"username": ""}},
	"POST /api/auth/login":    {who: web.Open, ok: 401, body: obj{"email": "nobody@example.org", "password": password}},
	"POST /api/ws-ticket":     {ok: 201},

	"GET /api/tickets":                 {ok: 200},
	"POST /api/tickets":                {ok: 201, body: invoice},
	"GET /api/tickets/:id":             {kind: "ticket", ok: 200},
	"PUT /api/tickets/:id":             {kind: "ticket", ok: 200, body: obj{"subject": "Changed"}},
	"PATCH /api/tickets/:id/status":    {kind: "ticket", ok: 200, body: obj{"status": "CLOSED"}, cells: onlyStaff},
	"DELETE /api/tickets/:id":          {kind: "ticket", ok: 204, cells: map[string]int{"agent foreign": 403}},
	"POST /api/tickets/:id/attachment": {kind: "ticket", ok: 400},
	"GET /api/tickets/:id/comments":    {kind: "ticket", ok: 200},
	"POST /api/tickets/:id/comments":   {kind: "ticket", ok: 201, body: obj{"text": "A word"}},
	"GET /api/tickets/:id/messages":    {kind: "ticket", ok: 200},
	"POST /api/tickets/:id/messages":   {kind: "ticket", ok: 201, body: obj{"message": "A word"}},
	"GET /api/tickets/:id/chat":        {kind: "ticket", ok: 426},
	"GET /api/notifications":           {ok: 200},
	"POST /api/notifications/read":     {ok: 204},
	"POST /api/notifications/:id/read": {kind: "notification", ok: 204},
	"GET /api/settings":                {who: web.Needs(account.ManageSettings), ok: 200},
	"PUT /api/settings":                {who: web.Needs(account.ManageSettings), ok: 200, body: obj{"invitationDays": 7}},
	"GET /api/views":                   {who: web.Needs(account.WorkAsStaff), ok: 200},
	"POST /api/views":                  {who: web.Needs(account.WorkAsStaff), ok: 400, body: obj{"name": ""}},
	"GET /api/views/:id":               {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 200, cells: staffViews(200, 200)},
	"PUT /api/views/:id":               {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 200, body: obj{"name": "Changed"}, cells: staffViews(403, 200)},
	"DELETE /api/views/:id":            {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 204, cells: staffViews(403, 204)},
	"POST /api/uploads/:name/link":     {kind: "file", ok: 201},
	"GET /uploads/:name":               {kind: "file", ok: 200, cells: map[string]int{"customer own staged": 200, "agent own staged": 200, "admin own staged": 200, "former admin own staged": 200, "personal token own staged": 200}},

	"GET /api/tickets/:id/notes":         {kind: "ticket", ok: 200, cells: notByRequesters},
	"POST /api/tickets/:id/notes":        {kind: "ticket", ok: 201, body: obj{"text": "A word"}, cells: notByRequesters},
	"DELETE /api/tickets/:id/notes/:seq": {kind: "note", ok: 204, cells: notByRequesters},
	"GET /api/tickets/:id/followers":     {kind: "ticket", ok: 200, cells: notByRequesters},
	"POST /api/tickets/:id/followers":    {kind: "ticket", ok: 204, cells: notByRequesters},
	"DELETE /api/tickets/:id/followers":  {kind: "ticket", ok: 204, cells: notByRequesters},

	"PUT /api/tickets/:id/assignment": {kind: "ticket", ok: 200, body: obj{"assignee": "me"},
		cells: map[string]int{"customer own": 403, "former admin own": 403, "personal token own": 403, "admin own": 403, "agent own": 403}},
	"GET /api/account/away":               {who: web.Needs(account.WorkAsStaff), ok: 200},
	"PUT /api/account/away":               {who: web.Needs(account.WorkAsStaff), ok: 200, body: obj{"away": false}},
	"GET /api/staff":                      {who: web.Needs(account.WorkAsStaff), ok: 200},
	"GET /api/teams":                      {who: web.Needs(account.WorkAsStaff), ok: 200},
	"POST /api/teams":                     {who: web.Needs(account.ManageTeams), ok: 400, body: obj{"name": ""}},
	"GET /api/teams/:id":                  {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 200},
	"PUT /api/teams/:id":                  {who: web.Needs(account.ManageTeams), kind: "team", ok: 200, body: obj{"private": true}},
	"POST /api/teams/:id/retire":          {who: web.Needs(account.ManageTeams), kind: "team", ok: 200, body: obj{"team": "none"}},
	"POST /api/teams/:id/restore":         {who: web.Needs(account.ManageTeams), kind: "team", ok: 200},
	"GET /api/teams/:id/members":          {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 200, cells: notLed},
	"PUT /api/teams/:id/members/:user":    {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 400, body: obj{"lead": true}, cells: notLed},
	"DELETE /api/teams/:id/members/:user": {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 404, cells: notLed},
	"GET /api/roles":                      {who: web.Needs(account.ManageAccounts), ok: 200},
	"POST /api/roles":                     {who: web.Needs(account.ManageAccounts), ok: 400, body: obj{"name": ""}},
	"GET /api/roles/:id":                  {who: web.Needs(account.ManageAccounts), kind: "role", ok: 200},
	"PUT /api/roles/:id":                  {who: web.Needs(account.ManageAccounts), kind: "role", ok: 200, body: obj{"note": true}},
	"DELETE /api/roles/:id":               {who: web.Needs(account.ManageAccounts), kind: "role", ok: 204},
	"GET /api/invitations":                {who: web.Needs(account.ManageAccounts), ok: 200},
	"POST /api/invitations":               {who: web.Needs(account.ManageAccounts), ok: 400, body: obj{"email": ""}},
	"POST /api/invitations/:id/link":      {who: web.Needs(account.ManageAccounts), kind: "invitation", ok: 200},
	"DELETE /api/invitations/:id":         {who: web.Needs(account.ManageAccounts), kind: "invitation", ok: 204},
}

// staffViews has the statuses of routes with a view of everybody, for an agent and an admin.
func staffViews(agent, admin int) map[string]int {
	return map[string]int{"agent everybody's": agent, "admin everybody's": admin}
}

// apiPerson is a user of the matrix: an account and its credential.
type apiPerson struct {
	name string
	*client
	program *apiClient
}

// isOut reports whether the person has no valid credentials.
func (p apiPerson) isOut() bool {
	return p.name == "nobody" || p.name == "disabled" || p.name == "demoted" || p.name == "revoked token"
}

// isStaff reports whether the person works as staff.
func (p apiPerson) isStaff() bool { return p.name == "admin" || strings.HasSuffix(p.name, "agent") }

// want returns the status that the rules require.
func (e apiEntry) want(p apiPerson, relation string) int {
	if status, ok := e.cells[p.name+" "+relation]; ok {
		return status
	}
	isStaff := p.isStaff()
	none := http.StatusForbidden // customers get the same status for a foreign ticket and for an unknown one
	if isStaff || e.kind == "file" {
		none = http.StatusNotFound
	}
	switch {
	case e.who == web.Open:
		return e.ok
	case p.isOut():
		return http.StatusUnauthorized
	case p.name == "newcomer":
		return http.StatusForbidden
	case e.who.Permission() != 0 && !isGranted(p.name, e.who.Permission()):
		return http.StatusForbidden
	case relation == "foreign" && (e.kind == "notification" || e.kind == "view"):
		return none // each belongs to one user
	case relation == "none", relation == "own", relation == "foreign" && isStaff:
		return e.ok
	}
	return none
}

type apiMatrixRun struct {
	*matrixRun
	persons []apiPerson
}

// newAPIMatrixRun returns a run with one person of each kind of credentials.
func newAPIMatrixRun(t *testing.T) *apiMatrixRun {
	t.Helper()
	m := &apiMatrixRun{matrixRun: &matrixRun{app: newApp(t, unlimited), t: t, targets: map[string]string{}}}
	m.other = m.app.customer(secret)
	add := func(name string, c *client, p *apiClient) { m.persons = append(m.persons, apiPerson{name, c, p}) }
	boss := m.app.admin("Boss")
	actor, ctx := boss.actor(account.RoleAdmin), t.Context()
	add("nobody", m.app.visitor(), &apiClient{app: m.app})
	customer, disabled, demoted, former, newcomer, tokened := m.app.customer("Customer"), m.app.customer("Disabled"), m.app.admin("Demoted"), m.app.admin("Former"), m.app.admin("Newcomer"), m.app.customer("Tokened")
	add("customer", customer, customer.program())
	agent := m.app.agent("Agent")
	add("agent", agent, agent.program())
	add("admin", boss, boss.program())
	add("disabled", disabled, disabled.program())
	add("demoted", demoted, demoted.program())
	add("newcomer", newcomer, newcomer.program())
	add("personal token", tokened, &apiClient{app: m.app, token: tokened.makeToken("Nightly", "7")})
	add("revoked token", tokened, &apiClient{app: m.app, token: tokened.makeToken("Weekly", "7")})
	m.app.exec("update api_tokens set revoked_at = now() where name = 'Weekly'")
	for _, c := range []*client{demoted, former} {
		if err := m.app.desk.Accounts.Users.SetRole(ctx, actor, c.id, string(account.RoleCustomer)); err != nil {
			t.Fatal(err)
		}
	}
	add("former admin", former, former.program())
	m.app.exec("update users set disabled_at = now() where id = $1", disabled.id)
	m.app.exec("update users set must_change_password = true where id = $1", newcomer.id)
	m.app.countChanges()
	return m
}

// try sends one request. It fails the test if the status or the answer is wrong, or if a
// refused request changed the database.
func (m *apiMatrixRun) try(method, path string, e apiEntry, p apiPerson, relation string) {
	known := len(m.targets)
	target := m.target(cell{entry: entry{kind: e.kind}, person: person{p.name, p.client}, relation: relation})
	if e.kind == "file" && relation == "malformed" {
		target = "x"
	}
	if len(m.targets) != known {
		m.state = nil
	}
	address := strings.TrimPrefix(strings.NewReplacer(":id", target, ":name", target, ":seq", noteSeq, ":user", "999999").Replace(path), "/api")
	want := e.want(p, relation)
	what := fmt.Sprintf("%s %s by %s (%s)", method, path, p.name, relation)
	if m.state == nil {
		m.state = m.app.data()
	}
	send := func(got reply, wants ...int) {
		m.requests++
		if got.StatusCode != want && !(len(wants) > 0 && got.StatusCode == wants[0]) {
			m.t.Errorf("%s: %d, not %d: %.200s", what, got.StatusCode, want, got.body)
		}
		if (!p.isStaff() || want >= 400) && strings.Contains(string(got.body)+fmt.Sprint(got.Header), secret) {
			m.t.Errorf("%s shows data of another user", what)
		}
		if want >= 400 && method != http.MethodHead && got.get("error") == nil {
			m.t.Errorf("%s: the error is %s", what, got.body)
		}
		before := m.state
		if m.state = nil; want < 400 {
			return
		}
		m.state = m.app.data()
		if moved := before.differs(m.state); moved != "" {
			m.t.Errorf("%s changed %s", what, moved)
		}
	}
	hasForm := method == http.MethodPost || method == http.MethodPut
	if want >= 400 && hasForm && e.who != web.Open {
		send(p.program.upload(method, address, map[string]string{"subject": "S", "text": "T", "message": "M"}, map[string]string{"attachment": "x"}), http.StatusBadRequest)
	}
	send(p.program.send(method, address, e.body))
	if want < 400 && method != http.MethodGet && method != http.MethodHead {
		m.targets = map[string]string{}
	}
}

// tryRoute tests all cells of a route.
func (m *apiMatrixRun) tryRoute(method, path string, e apiEntry) {
	for _, p := range m.persons {
		for _, relation := range relations[e.kind] {
			if p.id == 0 && (strings.HasPrefix(relation, "own") || path == "/uploads/:name") {
				continue // requests of files without a token are in the matrix of pages
			}
			m.cells++
			m.try(method, path, e, p, relation)
		}
	}
}

func TestEveryAPIRouteIsPrivate(t *testing.T) {
	m := newAPIMatrixRun(t)
	seen := map[string]bool{}
	for _, r := range m.app.handler.Handler.(*echo.Echo).Routes() {
		if !strings.HasPrefix(r.Path, "/api") && r.Path != "/uploads/:name" || r.Method == echo.RouteNotFound {
			continue
		}
		name := strings.Replace(r.Method, http.MethodHead, http.MethodGet, 1) + " " + r.Path
		e, ok := apiMatrix[name]
		if !ok {
			t.Errorf("%s %s has no entry in the matrix", r.Method, r.Path)
			continue
		}
		seen[name] = true
		m.tryRoute(r.Method, r.Path, e)
	}
	for name := range apiMatrix {
		if !seen[name] {
			t.Errorf("the matrix has %s, the router does not", name)
		}
	}
	t.Logf("%d cells, %d requests", m.cells, m.requests)
}
