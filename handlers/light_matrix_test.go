package handlers

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// The privacy matrix of two custom roles: a light agent, who sees all tickets and writes only notes, and a
// restricted one, who sees only the tickets of their teams. It has the routes of tickets and those that require
// a permission, of the pages and of the API. On the other routes all users have the same access.

// notByLightAgents has the routes of tickets of others that agents may use, and light agents may not.
var notByLightAgents = map[string]bool{
	"GET /tickets/:id/edit":        true,
	"POST /tickets/:id":            true,
	"POST /tickets/:id/comments":   true,
	"POST /tickets/:id/messages":   true,
	"POST /tickets/:id/status":     true,
	"POST /tickets/:id/triage":     true,
	"GET /tickets/:id/row":         true,
	"GET /tickets/:id/assignment":  true,
	"POST /tickets/:id/assignment": true,
	"POST /tickets/:id/mails/:seq": true,

	"PUT /api/tickets/:id":             true,
	"PATCH /api/tickets/:id/status":    true,
	"POST /api/tickets/:id/attachment": true,
	"POST /api/tickets/:id/comments":   true,
	"POST /api/tickets/:id/messages":   true,
	"PUT /api/tickets/:id/assignment":  true,
}

// isOfTickets reports whether an id of this kind is that of a ticket or a part of one.
func isOfTickets(kind string) bool { return kind == "ticket" || kind == "file" || kind == "note" }

// forCustomRoles returns the exceptions of a route with those of the custom roles. They have those of agents and,
// for their own tickets, those of customers, too.
func forCustomRoles(route, kind string, exceptions map[string]int) map[string]int {
	cells := map[string]int{}
	for name, status := range exceptions {
		relation, ok := strings.CutPrefix(name, "agent ")
		if !ok && name == "customer own" {
			relation, ok = "own", true
		}
		if ok {
			cells["light agent "+relation], cells["restricted agent "+relation] = status, status
		}
	}
	if notByLightAgents[route] {
		cells["light agent foreign"] = http.StatusForbidden
	}
	if isOfTickets(kind) {
		cells["restricted agent foreign"] = http.StatusNotFound
	}
	maps.Copy(cells, exceptions)
	return cells
}

// customRoles signs in a light agent and a restricted one.
func (a *app) customRoles() (light, restricted *client) {
	light = a.customer("Light")
	a.exec("insert into roles (name, name_key, see_all, note) values ('Noting agent', 'noting agent', true, true)")
	a.exec("update users set role = 'agent', custom_role = 'Noting agent' where id = $1", light.id)
	light.signIn()
	return light, a.restrictedAgent("Restricted")
}

func TestEveryRouteIsPrivateForCustomRoles(t *testing.T) {
	m := newMatrixRun(t)
	light, restricted := m.app.customRoles()
	m.people = []person{{"light agent", light}, {"restricted agent", restricted}}
	for _, r := range m.app.handler.Handler.(*echo.Echo).Routes() {
		route := r.Method + " " + r.Path
		if e, ok := matrix[route]; ok && (isOfTickets(e.kind) || e.who.Permission() != 0) {
			e.cells = forCustomRoles(route, e.kind, e.cells)
			m.tryRoute(r.Method, r.Path, e)
		}
	}
	t.Logf("%d cells, %d requests", m.cells, m.requests)
}

func TestEveryAPIRouteIsPrivateForCustomRoles(t *testing.T) {
	m := newAPIMatrixRun(t)
	light, restricted := m.app.customRoles()
	m.persons = []apiPerson{{"light agent", light, light.program()}, {"restricted agent", restricted, restricted.program()}}
	for _, r := range m.app.handler.Handler.(*echo.Echo).Routes() {
		route := r.Method + " " + r.Path
		if e, ok := apiMatrix[route]; ok && (isOfTickets(e.kind) || e.who.Permission() != 0) {
			e.cells = forCustomRoles(route, e.kind, e.cells)
			m.tryRoute(r.Method, r.Path, e)
		}
	}
	t.Logf("%d cells, %d requests", m.cells, m.requests)
}
