package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/views"
)

// access is who a route is for. Signed in is the default; the few others say so.
type access int

const (
	signedIn access = iota
	admin           // staff only
	public          // anybody; a session is read where there is one
	open            // anybody; sessions are not even looked at

	// unasked is added where an open page asks by itself, with nobody before it:
	// that must not keep a session from ending. Asked for as a page, it is a visit.
	unasked access = 1 << 4
)

// who is for whom it is, however it is asked.
func (a access) who() access { return a &^ unasked }

type route struct {
	method, path string
	access       access
	handle       echo.HandlerFunc
}

// routes is the map of the app. Every route is here, with who may use it; what
// they may see of it is the desk's business.
func (s *server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/health", open, s.health},
		{get, "/ready", open, s.ready},

		{get, "/", public, s.landing},
		{get, "/login", public, s.loginPage},
		{post, "/login", public, s.login},
		{get, "/register", public, s.registerPage},
		{post, "/register", public, s.register},
		{post, "/logout", public, s.logout},

		{get, "/account", signedIn, s.account},
		{post, "/account/profile", signedIn, s.changeProfile},
		{post, "/account/password", signedIn, s.changePassword},
		{post, "/account/sessions", signedIn, s.endSessions},
		{post, "/account/theme", signedIn, s.chooseTheme},
		{post, "/account/tokens", signedIn, s.makeToken},
		{post, "/account/tokens/:id/revoke", signedIn, s.revokeToken},

		{get, "/notifications", signedIn, s.listNotifications},
		{post, "/notifications/read", signedIn, s.readNotifications},

		{get, "/dashboard", admin, s.dashboard},
		{get, "/dashboard/changes", admin | unasked, s.queueChanges},
		{get, "/dashboard/rows/:id", admin, s.queueRow},
		{get, "/admin/users", admin, s.listUsers},
		{post, "/admin/users", admin, s.addUser},
		{get, "/admin/users/new", admin, s.newUser},
		{get, "/admin/users/:id", admin, s.showUser},
		{get, "/admin/users/:id/role", admin, s.confirmUser(views.RoleAct)},
		{post, "/admin/users/:id/role", admin, s.setUserRole},
		{get, "/admin/users/:id/disabled", admin, s.confirmUser(views.DisableAct)},
		{post, "/admin/users/:id/disabled", admin, s.setUserDisabled},
		{post, "/admin/users/:id/sessions", admin, s.endUserSessions},
		{get, "/admin/users/:id/password", admin, s.confirmUser(views.PasswordAct)},
		{post, "/admin/users/:id/password", admin, s.resetUserPassword},
		{get, "/admin/categories", admin, s.listCategories},
		{post, "/admin/categories", admin, s.addCategory},
		{post, "/admin/categories/:id", admin, s.updateCategory},

		{get, "/admin/trash", admin, s.listTrash},
		{post, "/admin/trash/:id/restore", admin, s.restoreTicket},

		{get, "/tickets/new", signedIn, s.newTicket},
		{post, "/tickets", signedIn, s.createTicket},
		{get, "/tickets/:id/edit", signedIn, s.editTicket},
		{post, "/tickets/:id", signedIn, s.saveTicket},
		{get, "/tickets/:id/delete", signedIn, s.confirmDeletion},
		{post, "/tickets/:id/delete", signedIn, s.deleteTicket},
		{post, "/uploads", signedIn, s.stageUpload},
		{get, "/uploads/:name", signedIn, s.download},
		{post, "/uploads/:name/delete", signedIn, s.discardUpload},
		{get, "/tickets", signedIn, s.listTickets},
		{get, "/tickets/changes", signedIn | unasked, s.listChanges},
		{get, "/tickets/live", signedIn | unasked, s.followTickets},
		{get, "/tickets/:id", signedIn, s.showTicket},
		{get, "/tickets/:id/events", signedIn | unasked, s.listEvents},
		{get, "/tickets/:id/chat", signedIn | unasked, s.showChat},
		{post, "/tickets/:id/comments", signedIn, s.addComment},
		{post, "/tickets/:id/messages", signedIn, s.sendMessage},
		{post, "/tickets/:id/status", signedIn, s.setStatus},
		{post, "/tickets/:id/triage", signedIn, s.triage},
	}
}
