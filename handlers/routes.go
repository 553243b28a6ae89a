package handlers

import (
	"net/http"

	"frontdesk/views"
)

// pageRoutes returns every route of the pages, with the access it requires and the page
// of its form. What of it a user may see is decided by the domain packages.
func (s *server) pageRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/health", open, "", s.health},
		{get, "/ready", open, "", s.ready},

		{get, "/", public, "", s.landing},
		{get, "/login", public, "", s.loginPage},
		{post, "/login", public, "/login", s.login},
		{get, "/register", public, "", s.registerPage},
		{post, "/register", public, "/register", s.register},
		{post, "/logout", public, "", s.logout},

		{get, "/account", signedIn | newPassword, "", s.account},
		{post, "/account/profile", signedIn, "/account", s.changeProfile},
		{post, "/account/password", signedIn | newPassword, "/account", s.changePassword},
		{post, "/account/sessions", signedIn, "/account", s.endSessions},
		{post, "/account/theme", signedIn | newPassword, "/account", s.chooseTheme},
		{post, "/account/tokens", signedIn, "/account", s.makeToken},
		{post, "/account/tokens/:id/revoke", signedIn, "/account", s.revokeToken},

		{get, "/notifications", signedIn, "", s.listNotifications},
		{post, "/notifications/read", signedIn, "/notifications", s.readNotifications},

		{get, "/dashboard", admin, "", s.dashboard},
		{get, "/dashboard/changes", admin | unasked, "", s.queueChanges},
		{get, "/dashboard/rows/:id", admin, "", s.queueRow},
		{get, "/admin/users", admin, "", s.listUsers},
		{post, "/admin/users", admin, "/admin/users/new", s.addUser},
		{get, "/admin/users/new", admin, "", s.newUser},
		{get, "/admin/users/:id", admin, "", s.showUser},
		{get, "/admin/users/:id/role", admin, "", s.confirmUser(views.RoleAct)},
		{post, "/admin/users/:id/role", admin, "/admin/users/:id", s.setUserRole},
		{get, "/admin/users/:id/disabled", admin, "", s.confirmUser(views.DisableAct)},
		{post, "/admin/users/:id/disabled", admin, "/admin/users/:id", s.setUserDisabled},
		{post, "/admin/users/:id/sessions", admin, "/admin/users/:id", s.endUserSessions},
		{get, "/admin/users/:id/password", admin, "", s.confirmUser(views.PasswordAct)},
		{post, "/admin/users/:id/password", admin, "/admin/users/:id", s.resetUserPassword},
		{get, "/admin/categories", admin, "", s.listCategories},
		{post, "/admin/categories", admin, "/admin/categories", s.addCategory},
		{post, "/admin/categories/:id", admin, "/admin/categories", s.updateCategory},

		{get, "/admin/trash", admin, "", s.listTrash},
		{post, "/admin/trash/:id/restore", admin, "/admin/trash", s.restoreTicket},

		{get, "/tickets/new", signedIn, "", s.newTicket},
		{post, "/tickets", signedIn, "/tickets/new", s.createTicket},
		{get, "/tickets/:id/edit", signedIn, "", s.editTicket},
		{post, "/tickets/:id", signedIn, "/tickets/:id/edit", s.saveTicket},
		{get, "/tickets/:id/delete", signedIn, "", s.confirmDeletion},
		{post, "/tickets/:id/delete", signedIn, "/tickets/:id/delete", s.deleteTicket},
		{post, "/uploads", signedIn, "", s.stageUpload},
		{get, "/uploads/:name", fileAccess, "", s.download},
		{post, "/uploads/:name/delete", signedIn, "", s.discardUpload},
		{get, "/tickets", signedIn, "", s.listTickets},
		{get, "/tickets/changes", signedIn | unasked, "", s.listChanges},
		{get, "/tickets/live", signedIn | unasked, "", s.followTickets},
		{get, "/tickets/:id", signedIn, "", s.showTicket},
		{get, "/tickets/:id/events", signedIn | unasked, "", s.listEvents},
		{get, "/tickets/:id/chat", signedIn | unasked, "", s.showChat},
		{post, "/tickets/:id/comments", signedIn, "/tickets/:id", s.addComment},
		{post, "/tickets/:id/messages", signedIn, "/tickets/:id", s.sendMessage},
		{post, "/tickets/:id/status", signedIn, "/tickets/:id", s.setStatus},
		{post, "/tickets/:id/triage", signedIn, "/tickets/:id", s.triage},
	}
}

// apiRoutes is the map of the API, below /api.
func (s *server) apiRoutes() []apiRoute {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []apiRoute{
		{get, "/health", open, s.health, docHealth},
		{get, "/openapi.json", open, s.openAPI, docOpenAPI},
		{get, "/docs", open, s.apiDocs, docPage},
		{post, "/auth/register", open, s.apiRegister, docRegister},
		{post, "/auth/login", open, s.apiLogin, docLogin},

		{get, "/tickets", signedIn, s.apiListTickets, docListTickets},
		{post, "/tickets", signedIn, s.apiCreateTicket, docCreateTicket},
		{get, "/tickets/:id", signedIn, s.apiShowTicket, docShowTicket},
		{put, "/tickets/:id", signedIn, s.apiUpdateTicket, docUpdateTicket},
		{patch, "/tickets/:id/status", signedIn, s.apiSetStatus, docSetStatus},
		{del, "/tickets/:id", signedIn, s.apiDeleteTicket, docDeleteTicket},
		{post, "/tickets/:id/attachment", signedIn, s.apiAttach, docAttach},
		{post, "/uploads/:name/link", signedIn, s.apiLinkFile, docLinkFile},

		{get, "/tickets/:id/comments", signedIn, s.apiListComments, docListComments},
		{post, "/tickets/:id/comments", signedIn, s.apiAddComment, docAddComment},
		{get, "/tickets/:id/messages", signedIn, s.apiListMessages, docListMessages},
		{post, "/tickets/:id/messages", signedIn, s.apiSendMessage, docSendMessage},
		{get, "/tickets/:id/chat", open, s.apiChat, docChat},
		{get, "/notifications", signedIn, s.apiListNotifications, docListNotifications},
		{post, "/notifications/read", signedIn, s.apiReadNotifications, docReadNotifications},
		{post, "/notifications/:id/read", signedIn, s.apiReadNotification, docReadNotification},
		{post, "/ws-ticket", signedIn, s.apiSocketTicket, docSocketTicket},
	}
}

// documented are the routes of the document, with their whole paths: those of the
// API, and the files that its tickets name.
func (s *server) documented() []apiRoute {
	routes := s.apiRoutes()
	for i := range routes {
		routes[i].path = "/api" + routes[i].path
	}
	return append(routes, apiRoute{http.MethodGet, "/uploads/:name", signedIn, s.download, docDownload})
}
