package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// The privacy matrix: every route × {anonymous, customer, admin, disabled,
// demoted, former admin, newcomer} × {own, foreign, deleted, staged, unknown,
// malformed id} × {as a page, for htmx, for a script, with a file, from another
// site}. It tests all routes of the router, so that a route without an entry here
// fails.

// entry describes the expected access of a route.
type entry struct {
	who  web.Access // the required access
	kind string     // the kind of its id: "" (no id), ticket, file, trash, user, category or token
	ok   int        // the status for users with access
	form url.Values // the posted fields
	out  int        // the status for visitors, if the route is public
	// cells has the statuses of exceptions, by "person relation".
	cells map[string]int
}

// isOpen reports whether the route requires no session.
func (e entry) isOpen() bool { return e.who == web.Public || e.who == web.Open }

var edit = url.Values{"subject": {"Changed"}, "description": {"Changed"}, "category": {"Billing"}, "priority": {"High"}, "version": {"1"}}

var notByCustomers = map[string]int{"customer own": 403, "former admin own": 403}

// assignsOthers has the exceptions of routes by which staff assign the tickets of others.
var assignsOthers = map[string]int{"customer own": 403, "former admin own": 403, "agent own": 403, "admin own": 403}

// notLed has the exceptions of routes by which leads change their team. The agent of the matrix leads none.
var notLed = map[string]int{"agent foreign": 403}

// onlyStaffOfOthers has the exceptions of routes for staff who are not the requester.
var onlyStaffOfOthers = map[string]int{"customer own": 403, "former admin own": 403, "agent own": 403, "admin own": 403}

// notByAgents has the exceptions of routes by which only admins change the tickets of others.
var notByAgents = map[string]int{"agent foreign": 403}

var matrix = map[string]entry{
	"GET /health": {who: web.Open, ok: 200},
	"GET /ready":  {who: web.Open, ok: 200},

	"GET /":                 {who: web.Public, ok: 303, out: 200},
	"GET /login":            {who: web.Public, ok: 303, out: 200},
	"POST /login":           {who: web.Public, ok: 401, out: 401, form: url.Values{"email": {"nobody@example.org"}, "password": {"wrong"}}},
	"GET /register":         {who: web.Public, ok: 303, out: 200},
	"POST /register":        {who: web.Public, ok: 422, out: 422},
	"GET /password":         {who: web.Public, ok: 200, out: 200},
	"POST /password":        {who: web.Public, ok: 422, out: 422},
	"GET /password/:token":  {who: web.Public, ok: 404, out: 404},
	"POST /password/:token": {who: web.Public, ok: 404, out: 404, form: url.Values{"password": {"another long password"}}},
	"POST /logout":          {who: web.Public, ok: 303, out: 303},

	"GET /email/:token":  {who: web.Public, ok: 404, out: 404},
	"POST /email/:token": {who: web.Public, ok: 404, out: 404},

	"GET /account":           {ok: 200},
	"POST /account/email":    {ok: 303, form: url.Values{"do": {"confirm"}}},
	"POST /account/profile":  {ok: 422, form: url.Values{"username": {"X"}, "email": {"x@example.org"}, "current": {"wrong"}}},
	"POST /account/password": {ok: 422, form: url.Values{"current": {"wrong"}, "password": {"another long password"}}},
	"POST /account/sessions": {ok: 303},
	"POST /account/theme":    {ok: 303, form: url.Values{"theme": {"dark"}}},

	"POST /account/tokens":            {ok: 200, form: url.Values{"name": {"Nightly"}, "days": {"30"}, "current": {password}}},
	"POST /account/tokens/:id/revoke": {kind: "token", ok: 303},

	"GET /account/notifications":  {ok: 200},
	"POST /account/notifications": {ok: 303, form: url.Values{"answer": {"true"}}},

	"GET /notifications":       {ok: 200},
	"POST /notifications/read": {ok: 303, form: url.Values{"upto": {"1"}}},

	"GET /tickets":                        {ok: 200},
	"GET /tickets/live":                   {ok: 303},
	"GET /tickets/changes":                {ok: 303},
	"GET /tickets/new":                    {ok: 200},
	"POST /tickets":                       {ok: 303, form: edit},
	"GET /tickets/:id":                    {kind: "ticket", ok: 200},
	"GET /tickets/:id/edit":               {kind: "ticket", ok: 200},
	"GET /tickets/:id/delete":             {kind: "ticket", ok: 200, cells: notByAgents},
	"GET /tickets/:id/events":             {kind: "ticket", ok: 200},
	"GET /tickets/:id/chat":               {kind: "ticket", ok: 303},
	"POST /tickets/:id":                   {kind: "ticket", ok: 303, form: edit},
	"POST /tickets/:id/delete":            {kind: "ticket", ok: 303, cells: notByAgents},
	"POST /tickets/:id/comments":          {kind: "ticket", ok: 303, form: url.Values{"text": {"A word"}}},
	"POST /tickets/:id/notes":             {kind: "ticket", ok: 303, form: url.Values{"text": {"A word"}}, cells: onlyStaffOfOthers},
	"POST /tickets/:id/notes/:seq/delete": {kind: "note", ok: 303, cells: onlyStaffOfOthers},
	"GET /tickets/:id/mentions":           {kind: "ticket", ok: 200, cells: onlyStaffOfOthers},
	"GET /tickets/:id/mails/:seq":         {kind: "ticket", ok: 303, cells: onlyStaffOfOthers},
	"POST /tickets/:id/mails/:seq":        {kind: "ticket", ok: 404, form: url.Values{"do": {"withdraw"}}, cells: onlyStaffOfOthers}, // there is no mail
	"POST /tickets/:id/followers":         {kind: "ticket", ok: 303, form: url.Values{"follow": {"yes"}}, cells: onlyStaffOfOthers},
	"POST /tickets/:id/messages":          {kind: "ticket", ok: 303, form: url.Values{"text": {"A word"}}},
	"POST /tickets/:id/status":            {kind: "ticket", ok: 303, form: url.Values{"status": {"CLOSED"}}, cells: notByCustomers},
	"GET /tickets/:id/row":                {kind: "ticket", ok: 303, cells: notByCustomers},
	"POST /tickets/:id/triage": {kind: "ticket", ok: 303, form: url.Values{"status": {"CLOSED"}, "priority": {"Low"}, "category": {"Billing"}, "version": {"1"}},
		cells: notByCustomers},

	"POST /uploads":              {ok: 422},
	"GET /uploads/:name":         {kind: "file", ok: 200},
	"POST /uploads/:name/delete": {kind: "file", ok: 303},

	"GET /shortcuts":          {who: web.Needs(account.WorkAsStaff), ok: 200},
	"POST /account/shortcuts": {who: web.Needs(account.WorkAsStaff), ok: 303, form: url.Values{"shortcuts": {"off"}}},

	"GET /views":             {who: web.Needs(account.WorkAsStaff), ok: 200},
	"POST /views":            {who: web.Needs(account.WorkAsStaff), ok: 422},
	"POST /views/:id":        {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 303, form: url.Values{"do": {"pin"}}},
	"GET /views/:id/delete":  {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 200, cells: map[string]int{"agent everybody's": 403}},
	"POST /views/:id/delete": {who: web.Needs(account.WorkAsStaff), kind: "view", ok: 303, cells: map[string]int{"agent everybody's": 403}},

	"GET /dashboard":                 {who: web.Needs(account.WorkAsStaff), ok: 200},
	"GET /reports":                   {who: web.Needs(account.SeeAllTickets), ok: 200},
	"GET /admin/users":               {who: web.Needs(account.ManageAccounts), ok: 200},
	"POST /admin/users":              {who: web.Needs(account.ManageAccounts), ok: 422},
	"GET /admin/users/new":           {who: web.Needs(account.ManageAccounts), ok: 200},
	"GET /admin/users/:id":           {who: web.Needs(account.ManageAccounts), kind: "user", ok: 200},
	"GET /admin/users/:id/role":      {who: web.Needs(account.ManageAccounts), kind: "user", ok: 200, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/role":     {who: web.Needs(account.ManageAccounts), kind: "user", ok: 303, form: url.Values{"role": {"admin"}}, cells: map[string]int{"admin own": 409}},
	"GET /admin/users/:id/disabled":  {who: web.Needs(account.ManageAccounts), kind: "user", ok: 200, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/disabled": {who: web.Needs(account.ManageAccounts), kind: "user", ok: 303, form: url.Values{"disabled": {"true"}}, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/sessions": {who: web.Needs(account.ManageAccounts), kind: "user", ok: 303},
	"GET /admin/users/:id/password":  {who: web.Needs(account.ManageAccounts), kind: "user", ok: 200, cells: map[string]int{"admin own": 409}},
	"POST /admin/users/:id/password": {who: web.Needs(account.ManageAccounts), kind: "user", ok: 200, cells: map[string]int{"admin own": 409}},
	"GET /admin/roles":               {who: web.Needs(account.ManageAccounts), ok: 200},
	"POST /admin/roles":              {who: web.Needs(account.ManageAccounts), ok: 422},
	"GET /admin/roles/:id":           {who: web.Needs(account.ManageAccounts), kind: "role", ok: 200},
	"POST /admin/roles/:id":          {who: web.Needs(account.ManageAccounts), kind: "role", ok: 303, form: url.Values{"name": {"Light agent"}, "note": {"true"}, "version": {"1"}}},
	"POST /admin/roles/:id/delete":   {who: web.Needs(account.ManageAccounts), kind: "role", ok: 303},
	"GET /admin/categories":          {who: web.Needs(account.ManageCategories), ok: 200},
	"POST /admin/categories":         {who: web.Needs(account.ManageCategories), ok: 422},
	"POST /admin/categories/:id":     {who: web.Needs(account.ManageCategories), kind: "category", ok: 303, form: url.Values{"name": {"Billing"}, "do": {"rename"}}},
	"GET /admin/settings":            {who: web.Needs(account.ManageSettings), ok: 200},
	"POST /admin/settings":           {who: web.Needs(account.ManageSettings), ok: 303, form: url.Values{"first_reply_assigns": {"true"}, "open_tickets_per_agent": {"20"}, "invitation_days": {"7"}}},
	"GET /admin/system":              {who: web.Needs(account.ManageSettings), ok: 200},
	"POST /admin/system/checks":      {who: web.Needs(account.ManageSettings), ok: 303},
	"POST /admin/system/events":      {who: web.Needs(account.ManageSettings), ok: 303},
	"GET /admin/trash":               {who: web.Needs(account.ManageTrash), ok: 200},
	"POST /admin/trash/:id/restore":  {who: web.Needs(account.ManageTrash), kind: "trash", ok: 303},

	"GET /admin/mail":                  {who: web.Needs(account.ManageSettings), ok: 200},
	"POST /admin/mail/:id":             {who: web.Needs(account.ManageSettings), kind: "mail", ok: 303, form: url.Values{"do": {"retry"}}},
	"GET /admin/mail/:id":              {who: web.Needs(account.ManageSettings), kind: "mail", ok: 200},
	"GET /admin/mailboxes":             {who: web.Needs(account.ManageMailboxes), ok: 200},
	"POST /admin/mailboxes":            {who: web.Needs(account.ManageMailboxes), ok: 422},
	"GET /admin/mailboxes/new":         {who: web.Needs(account.ManageMailboxes), ok: 200},
	"GET /admin/mailboxes/:id":         {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 200},
	"POST /admin/mailboxes/:id":        {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 303, form: mailboxFields},
	"POST /admin/mailboxes/:id/paused": {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 303, form: url.Values{"paused": {"true"}}},
	"POST /admin/mailboxes/:id/test":   {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 200},
	"GET /admin/mailboxes/:id/delete":  {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 200},
	"POST /admin/mailboxes/:id/delete": {who: web.Needs(account.ManageMailboxes), kind: "mailbox", ok: 303},

	"GET /tickets/:id/assignment":  {kind: "ticket", ok: 200, cells: assignsOthers},
	"POST /tickets/:id/assignment": {kind: "ticket", ok: 303, form: url.Values{"assignee": {"me"}}, cells: assignsOthers},
	"GET /account/away":            {who: web.Needs(account.WorkAsStaff), ok: 200},
	"POST /account/away":           {who: web.Needs(account.WorkAsStaff), ok: 303, form: url.Values{"do": {"away"}}},

	"GET /unsubscribe/:token":            {who: web.Open, ok: 404, out: 404},
	"POST /unsubscribe/:token":           {who: web.Open, ok: 404, out: 404},
	"GET /register/:token":               {who: web.Public, ok: 404, out: 404},
	"POST /register/:token":              {who: web.Public, ok: 404, out: 404, form: url.Values{"password": {"another long password"}}},
	"GET /invitations/:token":            {who: web.Public, ok: 404, out: 404},
	"POST /invitations/:token":           {who: web.Public, ok: 404, out: 404, form: url.Values{"username": {"X"}, "password": {"another long password"}}},
	"GET /admin/invitations":             {who: web.Needs(account.ManageAccounts), ok: 200},
	"POST /admin/invitations":            {who: web.Needs(account.ManageAccounts), ok: 422},
	"POST /admin/invitations/:id/link":   {who: web.Needs(account.ManageAccounts), kind: "invitation", ok: 200},
	"POST /admin/invitations/:id/revoke": {who: web.Needs(account.ManageAccounts), kind: "invitation", ok: 303},

	"GET /admin/teams":                    {who: web.Needs(account.WorkAsStaff), ok: 200, cells: map[string]int{"agent none": 403}},
	"POST /admin/teams":                   {who: web.Needs(account.ManageTeams), ok: 303, form: url.Values{"name": {"Repairs"}}},
	"GET /admin/teams/:id":                {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 200, cells: notLed},
	"POST /admin/teams/:id":               {who: web.Needs(account.ManageTeams), kind: "team", ok: 303, form: url.Values{"name": {"Workshop"}}},
	"POST /admin/teams/:id/members":       {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 422, form: url.Values{"member": {"nobody"}}, cells: notLed},
	"POST /admin/teams/:id/members/:user": {who: web.Needs(account.WorkAsStaff), kind: "team", ok: 404, form: url.Values{"do": {"remove"}}, cells: notLed},
	"GET /admin/teams/:id/retire":         {who: web.Needs(account.ManageTeams), kind: "team", ok: 200},
	"POST /admin/teams/:id/retire":        {who: web.Needs(account.ManageTeams), kind: "team", ok: 303, form: url.Values{"team": {"none"}}},
	"POST /admin/teams/:id/restore":       {who: web.Needs(account.ManageTeams), kind: "team", ok: 303},
}

// want returns the status that the rules require for a cell.
func (c cell) want() int {
	if status, ok := c.cells[c.name+" "+c.relation]; ok {
		return status
	}
	isCustomer := c.name == "customer" || c.name == "former admin"
	switch {
	case c.who == web.Open:
		return c.ok
	case c.who == web.Public && c.isOut():
		return c.out
	case c.isOut(), c.isHeldBack():
		return http.StatusSeeOther
	case c.who.Permission() != 0 && !isGranted(c.name, c.who.Permission()):
		return http.StatusForbidden
	case c.relation == "unknown", c.relation == "malformed", c.relation == "active":
		return http.StatusNotFound
	case strings.HasSuffix(c.relation, "deleted") && c.kind != "trash", c.relation == "foreign staged":
		return http.StatusNotFound
	case c.relation == "foreign" && (isCustomer || c.kind == "token" || c.kind == "view"):
		return http.StatusNotFound
	}
	return c.ok
}

// isGranted reports whether a person of the matrix has a permission.
func isGranted(person string, p account.Permission) bool {
	switch person {
	case "admin", "newcomer":
		return true
	case "agent", "light agent":
		return p == account.WorkAsStaff || p == account.SeeAllTickets
	case "restricted agent":
		return p == account.WorkAsStaff
	}
	return false
}

// isOut reports whether the person has no valid session.
func (c cell) isOut() bool {
	return c.name == "anonymous" || c.name == "disabled" || c.name == "demoted"
}

// isHeldBack reports whether the person has to choose a password before using the route.
func (c cell) isHeldBack() bool {
	return c.name == "newcomer" && !c.isOpen() && !takesNewPassword(c.path)
}

// takesNewPassword reports whether a route is open to a user who has to choose a password.
func takesNewPassword(path string) bool {
	return slices.ContainsFunc(withoutDesk().pageRoutes(), func(r web.Route) bool { return r.Path == path && r.Access&web.NewPassword != 0 })
}

// isRefused reports whether the request of the cell may show and change nothing.
func (c cell) isRefused() bool {
	want := c.want()
	return want == http.StatusForbidden || want == http.StatusNotFound || c.isHeldBack() || c.isOut() && !c.isOpen()
}

// relations has the relations of an ID to a person, by the kind of the ID.
var relations = map[string][]string{
	"":             {"none"},
	"ticket":       {"own", "foreign", "own deleted", "foreign deleted", "unknown", "malformed"},
	"file":         {"own", "foreign", "own deleted", "foreign deleted", "own staged", "foreign staged", "unknown", "malformed"},
	"trash":        {"own", "foreign", "active", "unknown", "malformed"},
	"user":         {"own", "foreign", "unknown", "malformed"},
	"note":         {"own", "foreign", "own deleted", "foreign deleted", "unknown", "malformed"}, // of a ticket
	"category":     {"foreign", "unknown", "malformed"},
	"invitation":   {"foreign", "unknown", "malformed"},
	"role":         {"foreign", "unknown", "malformed"},
	"mail":         {"foreign", "unknown", "malformed"},
	"mailbox":      {"foreign", "unknown", "malformed"},
	"team":         {"foreign", "unknown", "malformed"},
	"notification": {"own", "foreign", "own deleted", "unknown", "malformed"},
	"token":        {"own", "foreign", "unknown", "malformed"},
	"view":         {"own", "foreign", "everybody's", "unknown", "malformed"},
}

func TestEveryRouteIsPrivate(t *testing.T) {
	m := newMatrixRun(t)
	seen := map[string]bool{}
	for _, r := range m.app.handler.Handler.(*echo.Echo).Routes() {
		hasOwnMatrix := strings.HasPrefix(r.Path, "/api") || r.Path == web.SocketIOPath
		if hasOwnMatrix || strings.HasPrefix(r.Path, "/static/") || r.Method == echo.RouteNotFound {
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
	t.Logf("%d cells, %d requests", m.cells, m.requests)
}
