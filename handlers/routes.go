package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/api"
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/static"
	"frontdesk/views"
)

// get returns a route for reading.
func get(path string, access web.Access, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Access: access, Handle: handle}
}

// post returns a route for a form. page is the path of the page with the form, see [web.Route].
func post(path string, access web.Access, page string, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Access: access, Form: page, Handle: handle}
}

// otherRoutes returns the routes that are neither pages nor endpoints of the API. The clients
// of Socket.IO show their token in a message.
func (s *server) otherRoutes() []web.Route {
	return []web.Route{
		get("/static/*", web.Open, echo.WrapHandler(static.Handler())),
		get(web.SocketIOPath, web.Open|web.LongBody, s.realtime.SocketIO),
		post(web.SocketIOPath, web.Open|web.LongBody, "", s.realtime.SocketIO),
	}
}

// pageRoutes returns every route of the pages, with the access it requires and the page
// of its form. The domain packages decide what a user may see there.
func (s *server) pageRoutes() []web.Route {
	return slices.Concat(s.visitorRoutes(), s.accountRoutes(), s.staffRoutes(), s.userRoutes(), s.deskRoutes(), s.ticketRoutes())
}

// visitorRoutes returns the routes that need no session: signing in, registration, and the links
// in mails.
func (s *server) visitorRoutes() []web.Route {
	routes := []web.Route{
		get("/health", web.Open, s.Health),
		get("/ready", web.Open, s.Ready),
		get("/", web.Public, s.pages.Landing),
		get("/login", web.Public, s.pages.LoginPage),
		post("/login", web.Public, "/login", s.pages.Login),
		get("/register", web.Public, s.pages.RegisterPage),
		post("/register", web.Public, "/register", s.pages.Register),
		get("/register/:token", web.Public, s.pages.ShowRegistration),
		post("/register/:token", web.Public, "/register/:token", s.pages.FinishRegistration),
		get("/invitations/:token", web.Public, s.pages.ShowInvitation),
		post("/invitations/:token", web.Public, "/invitations/:token", s.pages.AcceptInvitation),
		get("/unsubscribe/:token", web.Open, s.pages.ShowUnsubscribe),
		post("/unsubscribe/:token", web.Open, "", s.pages.Unsubscribe),
		get("/password", web.Public, s.pages.ForgottenPassword),
		post("/password", web.Public, "/password", s.pages.AskForPassword),
		get("/password/:token", web.Public, s.pages.ShowPasswordLink),
		post("/password/:token", web.Public, "/password/:token", s.pages.SetPassword),
		get("/email/:token", web.Public, s.pages.ShowAddressLink),
		post("/email/:token", web.Public, "/email/:token", s.pages.UseAddressLink),
		post("/logout", web.Public, "", s.pages.Logout),
	}
	if len(s.Cfg.DemoLinks) > 0 {
		routes = append(routes, get("/demo/:token", web.Public, s.pages.DemoSignIn))
	}
	return routes
}

// accountRoutes returns the routes of the account and the notifications of the actor.
func (s *server) accountRoutes() []web.Route {
	return []web.Route{
		get("/account", web.SignedIn|web.NewPassword, s.pages.Account),
		post("/account/profile", web.SignedIn, "/account", s.pages.ChangeProfile),
		post("/account/email", web.SignedIn, "/account", s.pages.AskForAddressLink),
		post("/account/password", web.SignedIn|web.NewPassword, "/account", s.pages.ChangePassword),
		post("/account/sessions", web.SignedIn, "/account", s.pages.EndSessions),
		post("/account/theme", web.SignedIn|web.NewPassword, "/account", s.pages.ChooseTheme),
		get("/account/away", web.Needs(account.WorkAsStaff), s.pages.ShowAway),
		post("/account/away", web.Needs(account.WorkAsStaff), "/account/away", s.pages.SetAway),
		get("/account/notifications", web.SignedIn, s.pages.ShowPreferences),
		post("/account/notifications", web.SignedIn, "/account/notifications", s.pages.SavePreferences),
		post("/account/tokens", web.SignedIn, "/account", s.pages.MakeToken),
		post("/account/tokens/:id/revoke", web.SignedIn, "/account", s.pages.RevokeToken),
		post("/account/shortcuts", web.Needs(account.WorkAsStaff), "/account", s.pages.SwitchShortcuts),
		get("/notifications", web.SignedIn, s.pages.ListNotifications),
		post("/notifications/read", web.SignedIn, "/notifications", s.pages.ReadNotifications),
	}
}

// staffRoutes returns the routes of pages for staff: the queue, its views, reports and shortcuts.
func (s *server) staffRoutes() []web.Route {
	return []web.Route{
		get("/shortcuts", web.Needs(account.WorkAsStaff), s.pages.Shortcuts),
		get("/dashboard", web.Needs(account.WorkAsStaff), s.pages.Dashboard),
		get("/reports", web.Needs(account.SeeAllTickets), s.pages.Reports),
		get("/views", web.Needs(account.WorkAsStaff), s.pages.ListViews),
		post("/views", web.Needs(account.WorkAsStaff), "/views", s.pages.AddView),
		post("/views/:id", web.Needs(account.WorkAsStaff), "/views", s.pages.ChangeView),
		get("/views/:id/delete", web.Needs(account.WorkAsStaff), s.pages.ConfirmViewDeletion),
		post("/views/:id/delete", web.Needs(account.WorkAsStaff), "/views/:id/delete", s.pages.DeleteView),
	}
}

// userRoutes returns the routes for managing users, invitations, roles and teams.
func (s *server) userRoutes() []web.Route {
	return []web.Route{
		get("/admin/users", web.Needs(account.ManageAccounts), s.pages.ListUsers),
		post("/admin/users", web.Needs(account.ManageAccounts), "/admin/users/new", s.pages.AddUser),
		get("/admin/users/new", web.Needs(account.ManageAccounts), s.pages.NewUser),
		get("/admin/users/:id", web.Needs(account.ManageAccounts), s.pages.ShowUser),
		get("/admin/users/:id/role", web.Needs(account.ManageAccounts), s.pages.ConfirmUser(views.RoleAct)),
		post("/admin/users/:id/role", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.SetUserRole),
		get("/admin/users/:id/disabled", web.Needs(account.ManageAccounts), s.pages.ConfirmUser(views.DisableAct)),
		post("/admin/users/:id/disabled", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.SetUserDisabled),
		post("/admin/users/:id/sessions", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.EndUserSessions),
		get("/admin/users/:id/password", web.Needs(account.ManageAccounts), s.pages.ConfirmUser(views.PasswordAct)),
		post("/admin/users/:id/password", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.ResetUserPassword),
		get("/admin/invitations", web.Needs(account.ManageAccounts), s.pages.ListInvitations),
		post("/admin/invitations", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.Invite),
		post("/admin/invitations/:id/link", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.RenewInvitation),
		post("/admin/invitations/:id/revoke", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.RevokeInvitation),
		get("/admin/roles", web.Needs(account.ManageAccounts), s.pages.ListRoles),
		post("/admin/roles", web.Needs(account.ManageAccounts), "/admin/roles", s.pages.AddRole),
		get("/admin/roles/:id", web.Needs(account.ManageAccounts), s.pages.ShowRole),
		post("/admin/roles/:id", web.Needs(account.ManageAccounts), "/admin/roles/:id", s.pages.SaveRole),
		post("/admin/roles/:id/delete", web.Needs(account.ManageAccounts), "/admin/roles/:id", s.pages.DeleteRole),
		get("/admin/teams", web.Needs(account.WorkAsStaff), s.pages.ListTeams),
		post("/admin/teams", web.Needs(account.ManageTeams), "/admin/teams", s.pages.AddTeam),
		get("/admin/teams/:id", web.Needs(account.WorkAsStaff), s.pages.ShowTeam),
		post("/admin/teams/:id", web.Needs(account.ManageTeams), "/admin/teams/:id", s.pages.UpdateTeam),
		post("/admin/teams/:id/members", web.Needs(account.WorkAsStaff), "/admin/teams/:id", s.pages.AddTeamMember),
		post("/admin/teams/:id/members/:user", web.Needs(account.WorkAsStaff), "/admin/teams/:id", s.pages.ChangeTeamMember),
		get("/admin/teams/:id/retire", web.Needs(account.ManageTeams), s.pages.ConfirmTeamRetirement),
		post("/admin/teams/:id/retire", web.Needs(account.ManageTeams), "/admin/teams/:id/retire", s.pages.RetireTeam),
		post("/admin/teams/:id/restore", web.Needs(account.ManageTeams), "/admin/teams/:id", s.pages.RestoreTeam),
	}
}

// deskRoutes returns the routes for managing the desk: categories, settings, mail and the trash.
func (s *server) deskRoutes() []web.Route {
	return []web.Route{
		get("/admin/categories", web.Needs(account.ManageCategories), s.pages.ListCategories),
		post("/admin/categories", web.Needs(account.ManageCategories), "/admin/categories", s.pages.AddCategory),
		post("/admin/categories/:id", web.Needs(account.ManageCategories), "/admin/categories", s.pages.UpdateCategory),
		get("/admin/settings", web.Needs(account.ManageSettings), s.pages.ShowSettings),
		post("/admin/settings", web.Needs(account.ManageSettings), "/admin/settings", s.pages.SaveSettings),
		get("/admin/system", web.Needs(account.ManageSettings), s.pages.ShowSystem),
		post("/admin/system/checks", web.Needs(account.ManageSettings), "/admin/system", s.pages.CheckSystem),
		post("/admin/system/events", web.Needs(account.ManageSettings), "/admin/system", s.pages.RetryEvents),
		get("/admin/mail", web.Needs(account.ManageSettings), s.pages.ListMails),
		get("/admin/mail/:id", web.Needs(account.ManageSettings), s.pages.ShowMail),
		post("/admin/mail/:id", web.Needs(account.ManageSettings), "/admin/mail", s.pages.DecideOnListedMail),
		get("/admin/mailboxes", web.Needs(account.ManageMailboxes), s.pages.ListMailboxes),
		post("/admin/mailboxes", web.Needs(account.ManageMailboxes), "/admin/mailboxes/new", s.pages.AddMailbox),
		get("/admin/mailboxes/new", web.Needs(account.ManageMailboxes), s.pages.NewMailbox),
		get("/admin/mailboxes/:id", web.Needs(account.ManageMailboxes), s.pages.ShowMailbox),
		post("/admin/mailboxes/:id", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.SaveMailbox),
		post("/admin/mailboxes/:id/paused", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.PauseMailbox),
		post("/admin/mailboxes/:id/test", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.TryMailbox),
		get("/admin/mailboxes/:id/delete", web.Needs(account.ManageMailboxes), s.pages.ConfirmMailboxDeletion),
		post("/admin/mailboxes/:id/delete", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id/delete", s.pages.DeleteMailbox),
		get("/admin/trash", web.Needs(account.ManageTrash), s.pages.ListTrash),
		post("/admin/trash/:id/restore", web.Needs(account.ManageTrash), "/admin/trash", s.pages.RestoreTicket),
	}
}

// ticketRoutes returns the routes of tickets and their files.
func (s *server) ticketRoutes() []web.Route {
	return []web.Route{
		get("/tickets/new", web.SignedIn, s.pages.NewTicket),
		post("/tickets", web.SignedIn, "/tickets/new", s.pages.CreateTicket),
		get("/tickets/:id/edit", web.SignedIn, s.pages.EditTicket),
		post("/tickets/:id", web.SignedIn, "/tickets/:id/edit", s.pages.SaveTicket),
		get("/tickets/:id/delete", web.SignedIn, s.pages.ConfirmDeletion),
		post("/tickets/:id/delete", web.SignedIn, "/tickets/:id/delete", s.pages.DeleteTicket),
		post("/uploads", web.SignedIn, "", s.pages.StageUpload),
		get("/uploads/:name", web.FileAccess, s.pages.Download),
		post("/uploads/:name/delete", web.SignedIn, "", s.pages.DiscardUpload),
		get("/tickets", web.SignedIn, s.pages.ListTickets),
		get("/tickets/changes", web.SignedIn|web.Background, s.pages.ListChanges),
		get("/tickets/live", web.SignedIn|web.Background, s.realtime.FollowTickets),
		get("/tickets/:id", web.SignedIn, s.pages.ShowTicket),
		get("/tickets/:id/events", web.SignedIn|web.Background, s.pages.ListEvents),
		get("/tickets/:id/chat", web.SignedIn|web.Background, s.realtime.ShowChat),
		post("/tickets/:id/comments", web.SignedIn, "/tickets/:id", s.pages.AddComment),
		post("/tickets/:id/notes", web.SignedIn, "/tickets/:id", s.pages.AddNote),
		post("/tickets/:id/notes/:seq/delete", web.SignedIn, "/tickets/:id", s.pages.DeleteNote),
		get("/tickets/:id/mentions", web.SignedIn, s.pages.SuggestMentions),
		get("/tickets/:id/mails/:seq", web.SignedIn|web.Background, s.pages.ShowDeliveryStatus),
		post("/tickets/:id/mails/:seq", web.SignedIn, "/tickets/:id", s.pages.DecideOnMail),
		post("/tickets/:id/followers", web.SignedIn, "/tickets/:id", s.pages.Follow),
		post("/tickets/:id/messages", web.SignedIn, "/tickets/:id", s.pages.SendMessage),
		post("/tickets/:id/status", web.SignedIn, "/tickets/:id", s.pages.SetStatus),
		get("/tickets/:id/row", web.SignedIn, s.pages.ShowQueueRow),
		post("/tickets/:id/triage", web.SignedIn, "/tickets/:id", s.pages.Triage),
		get("/tickets/:id/assignment", web.SignedIn, s.pages.FindAssignee),
		post("/tickets/:id/assignment", web.SignedIn, "/tickets/:id", s.pages.Assign),
	}
}

// endpoint returns a function that makes endpoints of one method.
func endpoint(method string) func(path string, access web.Access, handle echo.HandlerFunc, doc api.Doc) api.Route {
	return func(path string, access web.Access, handle echo.HandlerFunc, doc api.Doc) api.Route {
		return api.Route{Method: method, Path: path, Access: access, Handle: handle, Doc: doc}
	}
}

// apiRoutes returns every route of the API, with paths below /api.
func (s *server) apiRoutes() []api.Route {
	get, post := endpoint(http.MethodGet), endpoint(http.MethodPost)
	open := []api.Route{
		get("/health", web.Open, s.Health, api.DocHealth),
		get("/openapi.json", web.Open, s.api.OpenAPI, api.DocOpenAPI),
		get("/docs", web.Open, s.api.Docs, api.DocPage),
		post("/auth/register", web.Open, s.api.Register, api.DocRegister),
		post("/auth/login", web.Open, s.api.Login, api.DocLogin),
	}
	return slices.Concat(open, s.ticketEndpoints(), s.otherEndpoints())
}

// ticketEndpoints returns the routes of the API for tickets, their entries and files.
func (s *server) ticketEndpoints() []api.Route {
	get, post, put, patch, del := endpoint(http.MethodGet), endpoint(http.MethodPost), endpoint(http.MethodPut), endpoint(http.MethodPatch), endpoint(http.MethodDelete)
	return []api.Route{
		get("/tickets", web.SignedIn, s.api.ListTickets, api.DocListTickets),
		post("/tickets", web.SignedIn, s.api.CreateTicket, api.DocCreateTicket),
		get("/tickets/:id", web.SignedIn, s.api.ShowTicket, api.DocShowTicket),
		put("/tickets/:id", web.SignedIn, s.api.UpdateTicket, api.DocUpdateTicket),
		patch("/tickets/:id/status", web.SignedIn, s.api.SetStatus, api.DocSetStatus),
		del("/tickets/:id", web.SignedIn, s.api.DeleteTicket, api.DocDeleteTicket),
		put("/tickets/:id/assignment", web.SignedIn, s.api.Assign, api.DocAssign),
		post("/tickets/:id/attachment", web.SignedIn, s.api.Attach, api.DocAttach),
		post("/uploads/:name/link", web.SignedIn, s.api.LinkFile, api.DocLinkFile),
		get("/tickets/:id/comments", web.SignedIn, s.api.ListComments, api.DocListComments),
		post("/tickets/:id/comments", web.SignedIn, s.api.AddComment, api.DocAddComment),
		get("/tickets/:id/messages", web.SignedIn, s.api.ListMessages, api.DocListMessages),
		post("/tickets/:id/messages", web.SignedIn, s.api.SendMessage, api.DocSendMessage),
		get("/tickets/:id/chat", web.Open, s.realtime.Chat, api.DocChat),
		get("/tickets/:id/notes", web.SignedIn, s.api.ListNotes, api.DocListNotes),
		post("/tickets/:id/notes", web.SignedIn, s.api.AddNote, api.DocAddNote),
		del("/tickets/:id/notes/:seq", web.SignedIn, s.api.DeleteNote, api.DocDeleteNote),
		get("/tickets/:id/followers", web.SignedIn, s.api.ListFollowers, api.DocListFollowers),
		post("/tickets/:id/followers", web.SignedIn, s.api.Follow, api.DocFollow),
		del("/tickets/:id/followers", web.SignedIn, s.api.Unfollow, api.DocUnfollow),
	}
}

// otherEndpoints returns the routes of the API for notifications, staff, and managing the desk.
func (s *server) otherEndpoints() []api.Route {
	get, post, put, del := endpoint(http.MethodGet), endpoint(http.MethodPost), endpoint(http.MethodPut), endpoint(http.MethodDelete)
	return []api.Route{
		get("/notifications", web.SignedIn, s.api.ListNotifications, api.DocListNotifications),
		post("/notifications/read", web.SignedIn, s.api.ReadNotifications, api.DocReadNotifications),
		post("/notifications/:id/read", web.SignedIn, s.api.ReadNotification, api.DocReadNotification),
		get("/account/away", web.Needs(account.WorkAsStaff), s.api.ShowAway, api.DocShowAway),
		put("/account/away", web.Needs(account.WorkAsStaff), s.api.SetAway, api.DocSetAway),
		get("/staff", web.Needs(account.WorkAsStaff), s.api.FindStaff, api.DocFindStaff),
		get("/teams", web.Needs(account.WorkAsStaff), s.api.ListTeams, api.DocListTeams),
		post("/teams", web.Needs(account.ManageTeams), s.api.AddTeam, api.DocAddTeam),
		get("/teams/:id", web.Needs(account.WorkAsStaff), s.api.ShowTeam, api.DocShowTeam),
		put("/teams/:id", web.Needs(account.ManageTeams), s.api.UpdateTeam, api.DocUpdateTeam),
		post("/teams/:id/retire", web.Needs(account.ManageTeams), s.api.RetireTeam, api.DocRetireTeam),
		post("/teams/:id/restore", web.Needs(account.ManageTeams), s.api.RestoreTeam, api.DocRestoreTeam),
		get("/teams/:id/members", web.Needs(account.WorkAsStaff), s.api.ListMembers, api.DocListMembers),
		put("/teams/:id/members/:user", web.Needs(account.WorkAsStaff), s.api.PutMember, api.DocPutMember),
		del("/teams/:id/members/:user", web.Needs(account.WorkAsStaff), s.api.RemoveMember, api.DocRemoveMember),
		get("/roles", web.Needs(account.ManageAccounts), s.api.ListRoles, api.DocListRoles),
		post("/roles", web.Needs(account.ManageAccounts), s.api.AddRole, api.DocAddRole),
		get("/roles/:id", web.Needs(account.ManageAccounts), s.api.ShowRole, api.DocShowRole),
		put("/roles/:id", web.Needs(account.ManageAccounts), s.api.UpdateRole, api.DocUpdateRole),
		del("/roles/:id", web.Needs(account.ManageAccounts), s.api.DeleteRole, api.DocDeleteRole),
		get("/invitations", web.Needs(account.ManageAccounts), s.api.ListInvitations, api.DocListInvitations),
		post("/invitations", web.Needs(account.ManageAccounts), s.api.Invite, api.DocInvite),
		post("/invitations/:id/link", web.Needs(account.ManageAccounts), s.api.RenewInvitation, api.DocRenewInvitation),
		del("/invitations/:id", web.Needs(account.ManageAccounts), s.api.RevokeInvitation, api.DocRevokeInvitation),
		get("/settings", web.Needs(account.ManageSettings), s.api.ShowSettings, api.DocShowSettings),
		put("/settings", web.Needs(account.ManageSettings), s.api.SaveSettings, api.DocSaveSettings),
		get("/views", web.Needs(account.WorkAsStaff), s.api.ListViews, api.DocListViews),
		post("/views", web.Needs(account.WorkAsStaff), s.api.AddView, api.DocAddView),
		get("/views/:id", web.Needs(account.WorkAsStaff), s.api.ShowView, api.DocShowView),
		put("/views/:id", web.Needs(account.WorkAsStaff), s.api.UpdateView, api.DocUpdateView),
		del("/views/:id", web.Needs(account.WorkAsStaff), s.api.DeleteView, api.DocDeleteView),
		post("/ws-ticket", web.SignedIn, s.api.SocketTicket, api.DocSocketTicket),
	}
}
