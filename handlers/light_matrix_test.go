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
// a permission. On the other routes all users have the same access.

// notByLightAgents has the routes of tickets of others that agents may use, and light agents may not.
var notByLightAgents = map[string]bool{
	"GET /tickets/:id/edit":        true,
	"POST /tickets/:id":            true,
	"POST /tickets/:id/comments":   true,
	"POST /tickets/:id/messages":   true,
	"POST /tickets/:id/status":     true,
	"POST /tickets/:id/triage":     true,
	"GET /tickets/:id/assignment":  true,
	"POST /tickets/:id/assignment": true,
	"POST /tickets/:id/mails/:seq": true,
}

// ofTickets reports whether the id of the route is that of a ticket or a part of one.
func (e entry) ofTickets() bool { return e.kind == "ticket" || e.kind == "file" || e.kind == "note" }

// forCustomRoles returns the entry of a route with the exceptions of the custom roles. They have those of agents and,
// for their own tickets, those of customers, too.
func (e entry) forCustomRoles(route string) entry {
	cells := map[string]int{}
	for name, status := range e.cells {
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
	if e.ofTickets() {
		cells["restricted agent foreign"] = http.StatusNotFound
	}
	maps.Copy(cells, e.cells)
	e.cells = cells
	return e
}

func TestEveryRouteIsPrivateForCustomRoles(t *testing.T) {
	m := newMatrixRun(t)
	light := m.app.customer("Light")
	m.app.exec("insert into roles (name, name_key, see_all, note) values ('Noting agent', 'noting agent', true, true)")
	m.app.exec("update users set role = 'agent', custom_role = 'Noting agent' where id = $1", light.id)
	light.signIn()
	m.people = []person{{"light agent", light}, {"restricted agent", m.app.restrictedAgent("Restricted")}}
	for _, r := range m.app.handler.Handler.(*echo.Echo).Routes() {
		route := r.Method + " " + r.Path
		if e, ok := matrix[route]; ok && (e.ofTickets() || e.who.Permission() != 0) {
			m.tryRoute(r.Method, r.Path, e.forCustomRoles(route))
		}
	}
	t.Logf("%d cells, %d requests", m.cells, m.requests)
}
