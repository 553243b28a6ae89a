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
		get("/", web.Public, s.pages.Sessions.Landing),
		get("/login", web.Public, s.pages.Sessions.Show),
		post("/login", web.Public, "/login", s.pages.Sessions.Login),
		get("/register", web.Public, s.pages.Registrations.New),
		post("/register", web.Public, "/register", s.pages.Registrations.Ask),
		get("/register/:token", web.Public, s.pages.Registrations.Show),
		post("/register/:token", web.Public, "/register/:token", s.pages.Registrations.Finish),
		get("/invitations/:token", web.Public, s.pages.Invitations.Show),
		post("/invitations/:token", web.Public, "/invitations/:token", s.pages.Invitations.Accept),
		get("/unsubscribe/:token", web.Open, s.pages.Preferences.ShowUnsubscribe),
		post("/unsubscribe/:token", web.Open, "", s.pages.Preferences.Unsubscribe),
		get("/password", web.Public, s.pages.Passwords.New),
		post("/password", web.Public, "/password", s.pages.Passwords.Ask),
		get("/password/:token", web.Public, s.pages.Passwords.ShowLink),
		post("/password/:token", web.Public, "/password/:token", s.pages.Passwords.Set),
		get("/email/:token", web.Public, s.pages.Addresses.ShowLink),
		post("/email/:token", web.Public, "/email/:token", s.pages.Addresses.UseLink),
		post("/logout", web.Public, "", s.pages.Sessions.Logout),
	}
	if len(s.Cfg.DemoLinks) > 0 {
		routes = append(routes, get("/demo/:token", web.Public, s.pages.Sessions.DemoSignIn))
	}
	return routes
}

// accountRoutes returns the routes of the account and the notifications of the actor.
func (s *server) accountRoutes() []web.Route {
	return []web.Route{
		get("/account", web.SignedIn|web.NewPassword, s.pages.Account.Show),
		post("/account/profile", web.SignedIn, "/account", s.pages.Account.ChangeProfile),
		post("/account/email", web.SignedIn, "/account", s.pages.Addresses.Ask),
		post("/account/password", web.SignedIn|web.NewPassword, "/account", s.pages.Account.ChangePassword),
		post("/account/sessions", web.SignedIn, "/account", s.pages.Account.EndSessions),
		post("/account/theme", web.SignedIn|web.NewPassword, "/account", s.pages.Account.ChooseTheme),
		get("/account/away", web.Needs(account.WorkAsStaff), s.pages.Away.Show),
		post("/account/away", web.Needs(account.WorkAsStaff), "/account/away", s.pages.Away.Set),
		get("/account/notifications", web.SignedIn, s.pages.Preferences.Show),
		post("/account/notifications", web.SignedIn, "/account/notifications", s.pages.Preferences.Save),
		post("/account/tokens", web.SignedIn, "/account", s.pages.Tokens.Make),
		post("/account/tokens/:id/revoke", web.SignedIn, "/account", s.pages.Tokens.Revoke),
		post("/account/shortcuts", web.Needs(account.WorkAsStaff), "/account", s.pages.Account.SwitchShortcuts),
		get("/notifications", web.SignedIn, s.pages.Notifications.List),
		post("/notifications/read", web.SignedIn, "/notifications", s.pages.Notifications.Read),
	}
}

// staffRoutes returns the routes of pages for staff: the queue, its views, reports and shortcuts.
func (s *server) staffRoutes() []web.Route {
	return []web.Route{
		get("/shortcuts", web.Needs(account.WorkAsStaff), s.pages.Shortcuts.Show),
		get("/dashboard", web.Needs(account.WorkAsStaff), s.pages.Queue.Show),
		get("/reports", web.Needs(account.SeeAllTickets), s.pages.Reports.Show),
		get("/views", web.Needs(account.WorkAsStaff), s.pages.Views.List),
		post("/views", web.Needs(account.WorkAsStaff), "/views", s.pages.Views.Add),
		post("/views/:id", web.Needs(account.WorkAsStaff), "/views", s.pages.Views.Change),
		get("/views/:id/delete", web.Needs(account.WorkAsStaff), s.pages.Views.ConfirmDeletion),
		post("/views/:id/delete", web.Needs(account.WorkAsStaff), "/views/:id/delete", s.pages.Views.Delete),
	}
}

// userRoutes returns the routes for managing users, invitations, roles and teams.
func (s *server) userRoutes() []web.Route {
	return []web.Route{
		get("/admin/users", web.Needs(account.ManageAccounts), s.pages.Users.List),
		post("/admin/users", web.Needs(account.ManageAccounts), "/admin/users/new", s.pages.Users.Add),
		get("/admin/users/new", web.Needs(account.ManageAccounts), s.pages.Users.New),
		get("/admin/users/:id", web.Needs(account.ManageAccounts), s.pages.Users.Show),
		get("/admin/users/:id/role", web.Needs(account.ManageAccounts), s.pages.Users.Confirm(views.RoleAct)),
		post("/admin/users/:id/role", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.Users.SetRole),
		get("/admin/users/:id/disabled", web.Needs(account.ManageAccounts), s.pages.Users.Confirm(views.DisableAct)),
		post("/admin/users/:id/disabled", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.Users.SetDisabled),
		post("/admin/users/:id/sessions", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.Users.EndSessions),
		get("/admin/users/:id/password", web.Needs(account.ManageAccounts), s.pages.Users.Confirm(views.PasswordAct)),
		post("/admin/users/:id/password", web.Needs(account.ManageAccounts), "/admin/users/:id", s.pages.Users.ResetPassword),
		get("/admin/invitations", web.Needs(account.ManageAccounts), s.pages.Invitations.List),
		post("/admin/invitations", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.Invitations.Invite),
		post("/admin/invitations/:id/link", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.Invitations.Renew),
		post("/admin/invitations/:id/revoke", web.Needs(account.ManageAccounts), "/admin/invitations", s.pages.Invitations.Revoke),
		get("/admin/roles", web.Needs(account.ManageAccounts), s.pages.Roles.List),
		post("/admin/roles", web.Needs(account.ManageAccounts), "/admin/roles", s.pages.Roles.Add),
		get("/admin/roles/:id", web.Needs(account.ManageAccounts), s.pages.Roles.Show),
		post("/admin/roles/:id", web.Needs(account.ManageAccounts), "/admin/roles/:id", s.pages.Roles.Save),
		post("/admin/roles/:id/delete", web.Needs(account.ManageAccounts), "/admin/roles/:id", s.pages.Roles.Delete),
		get("/admin/teams", web.Needs(account.WorkAsStaff), s.pages.Teams.List),
		post("/admin/teams", web.Needs(account.ManageTeams), "/admin/teams", s.pages.Teams.Add),
		get("/admin/teams/:id", web.Needs(account.WorkAsStaff), s.pages.Teams.Show),
		post("/admin/teams/:id", web.Needs(account.ManageTeams), "/admin/teams/:id", s.pages.Teams.Update),
		post("/admin/teams/:id/members", web.Needs(account.WorkAsStaff), "/admin/teams/:id", s.pages.Teams.AddMember),
		post("/admin/teams/:id/members/:user", web.Needs(account.WorkAsStaff), "/admin/teams/:id", s.pages.Teams.ChangeMember),
		get("/admin/teams/:id/retire", web.Needs(account.ManageTeams), s.pages.Teams.ConfirmRetirement),
		post("/admin/teams/:id/retire", web.Needs(account.ManageTeams), "/admin/teams/:id/retire", s.pages.Teams.Retire),
		post("/admin/teams/:id/restore", web.Needs(account.ManageTeams), "/admin/teams/:id", s.pages.Teams.Restore),
	}
}

// deskRoutes returns the routes for managing the desk: categories, settings, mail and the trash.
func (s *server) deskRoutes() []web.Route {
	return []web.Route{
		get("/admin/categories", web.Needs(account.ManageCategories), s.pages.Categories.List),
		post("/admin/categories", web.Needs(account.ManageCategories), "/admin/categories", s.pages.Categories.Add),
		post("/admin/categories/:id", web.Needs(account.ManageCategories), "/admin/categories", s.pages.Categories.Update),
		get("/admin/settings", web.Needs(account.ManageSettings), s.pages.Settings.Show),
		post("/admin/settings", web.Needs(account.ManageSettings), "/admin/settings", s.pages.Settings.Save),
		get("/admin/system", web.Needs(account.ManageSettings), s.pages.System.Show),
		post("/admin/system/checks", web.Needs(account.ManageSettings), "/admin/system", s.pages.System.Check),
		post("/admin/system/events", web.Needs(account.ManageSettings), "/admin/system", s.pages.System.RetryEvents),
		get("/admin/mail", web.Needs(account.ManageSettings), s.pages.Mails.List),
		get("/admin/mail/:id", web.Needs(account.ManageSettings), s.pages.Mails.Show),
		post("/admin/mail/:id", web.Needs(account.ManageSettings), "/admin/mail", s.pages.Mails.Decide),
		get("/admin/mailboxes", web.Needs(account.ManageMailboxes), s.pages.Mailboxes.List),
		post("/admin/mailboxes", web.Needs(account.ManageMailboxes), "/admin/mailboxes/new", s.pages.Mailboxes.Add),
		get("/admin/mailboxes/new", web.Needs(account.ManageMailboxes), s.pages.Mailboxes.New),
		get("/admin/mailboxes/:id", web.Needs(account.ManageMailboxes), s.pages.Mailboxes.Show),
		post("/admin/mailboxes/:id", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.Mailboxes.Save),
		post("/admin/mailboxes/:id/paused", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.Mailboxes.Pause),
		post("/admin/mailboxes/:id/test", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id", s.pages.Mailboxes.Try),
		get("/admin/mailboxes/:id/delete", web.Needs(account.ManageMailboxes), s.pages.Mailboxes.ConfirmDeletion),
		post("/admin/mailboxes/:id/delete", web.Needs(account.ManageMailboxes), "/admin/mailboxes/:id/delete", s.pages.Mailboxes.Delete),
		get("/admin/trash", web.Needs(account.ManageTrash), s.pages.Trash.List),
		post("/admin/trash/:id/restore", web.Needs(account.ManageTrash), "/admin/trash", s.pages.Trash.Restore),
	}
}

// ticketRoutes returns the routes of tickets and their files.
func (s *server) ticketRoutes() []web.Route {
	return []web.Route{
		get("/tickets/new", web.SignedIn, s.pages.Tickets.New),
		post("/tickets", web.SignedIn, "/tickets/new", s.pages.Tickets.Create),
		get("/tickets/:id/edit", web.SignedIn, s.pages.Tickets.Edit),
		post("/tickets/:id", web.SignedIn, "/tickets/:id/edit", s.pages.Tickets.Save),
		get("/tickets/:id/delete", web.SignedIn, s.pages.Tickets.ConfirmDeletion),
		post("/tickets/:id/delete", web.SignedIn, "/tickets/:id/delete", s.pages.Tickets.Delete),
		post("/uploads", web.SignedIn, "", s.pages.Uploads.Stage),
		get("/uploads/:name", web.FileAccess, s.pages.Uploads.Download),
		post("/uploads/:name/delete", web.SignedIn, "", s.pages.Uploads.Discard),
		get("/tickets", web.SignedIn, s.pages.Tickets.List),
		get("/tickets/changes", web.SignedIn|web.Background, s.pages.Tickets.ListChanges),
		get("/tickets/live", web.SignedIn|web.Background, s.realtime.SubscribeToList),
		get("/tickets/:id", web.SignedIn, s.pages.Tickets.Show),
		get("/tickets/:id/events", web.SignedIn|web.Background, s.pages.Tickets.ListEvents),
		get("/tickets/:id/chat", web.SignedIn|web.Background, s.realtime.ShowChat),
		post("/tickets/:id/comments", web.SignedIn, "/tickets/:id", s.pages.Comments.Add),
		post("/tickets/:id/notes", web.SignedIn, "/tickets/:id", s.pages.Notes.Add),
		post("/tickets/:id/notes/:seq/delete", web.SignedIn, "/tickets/:id", s.pages.Notes.Delete),
		get("/tickets/:id/mentions", web.SignedIn, s.pages.Notes.SuggestMentions),
		get("/tickets/:id/mails/:seq", web.SignedIn|web.Background, s.pages.DeliveryStatus.Show),
		post("/tickets/:id/mails/:seq", web.SignedIn, "/tickets/:id", s.pages.DeliveryStatus.Decide),
		post("/tickets/:id/followers", web.SignedIn, "/tickets/:id", s.pages.Followers.Follow),
		post("/tickets/:id/messages", web.SignedIn, "/tickets/:id", s.pages.Comments.Send),
		post("/tickets/:id/status", web.SignedIn, "/tickets/:id", s.pages.Status.Set),
		get("/tickets/:id/row", web.SignedIn, s.pages.Queue.ShowRow),
		post("/tickets/:id/triage", web.SignedIn, "/tickets/:id", s.pages.Triage.Save),
		get("/tickets/:id/assignment", web.SignedIn, s.pages.Assignment.Find),
		post("/tickets/:id/assignment", web.SignedIn, "/tickets/:id", s.pages.Assignment.Set),
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
		get("/openapi.json", web.Open, s.api.Documents.OpenAPI, api.DocOpenAPI),
		get("/docs", web.Open, s.api.Documents.Page, api.DocPage),
		post("/auth/register", web.Open, s.api.Accounts.Register, api.DocRegister),
		post("/auth/login", web.Open, s.api.Accounts.Login, api.DocLogin),
	}
	return slices.Concat(open, s.ticketEndpoints(), s.otherEndpoints())
}

// ticketEndpoints returns the routes of the API for tickets, their entries and files.
func (s *server) ticketEndpoints() []api.Route {
	get, post, put, patch, del := endpoint(http.MethodGet), endpoint(http.MethodPost), endpoint(http.MethodPut), endpoint(http.MethodPatch), endpoint(http.MethodDelete)
	return []api.Route{
		get("/tickets", web.SignedIn, s.api.Tickets.List, api.DocListTickets),
		post("/tickets", web.SignedIn, s.api.Tickets.Create, api.DocCreateTicket),
		get("/tickets/:id", web.SignedIn, s.api.Tickets.Show, api.DocShowTicket),
		put("/tickets/:id", web.SignedIn, s.api.Tickets.Update, api.DocUpdateTicket),
		patch("/tickets/:id/status", web.SignedIn, s.api.Tickets.SetStatus, api.DocSetStatus),
		del("/tickets/:id", web.SignedIn, s.api.Tickets.Delete, api.DocDeleteTicket),
		put("/tickets/:id/assignment", web.SignedIn, s.api.Assignment.Set, api.DocAssign),
		post("/tickets/:id/attachment", web.SignedIn, s.api.Attachments.Replace, api.DocAttach),
		post("/uploads/:name/link", web.SignedIn, s.api.Attachments.Link, api.DocLinkFile),
		get("/tickets/:id/comments", web.SignedIn, s.api.Comments.List, api.DocListComments),
		post("/tickets/:id/comments", web.SignedIn, s.api.Comments.Add, api.DocAddComment),
		get("/tickets/:id/messages", web.SignedIn, s.api.Comments.ListMessages, api.DocListMessages),
		post("/tickets/:id/messages", web.SignedIn, s.api.Comments.Send, api.DocSendMessage),
		get("/tickets/:id/chat", web.Open, s.realtime.Chat, api.DocChat),
		get("/tickets/:id/notes", web.SignedIn, s.api.Notes.List, api.DocListNotes),
		post("/tickets/:id/notes", web.SignedIn, s.api.Notes.Add, api.DocAddNote),
		del("/tickets/:id/notes/:seq", web.SignedIn, s.api.Notes.Delete, api.DocDeleteNote),
		get("/tickets/:id/followers", web.SignedIn, s.api.Followers.List, api.DocListFollowers),
		post("/tickets/:id/followers", web.SignedIn, s.api.Followers.Follow, api.DocFollow),
		del("/tickets/:id/followers", web.SignedIn, s.api.Followers.Unfollow, api.DocUnfollow),
	}
}

// otherEndpoints returns the routes of the API for notifications, staff, and managing the desk.
func (s *server) otherEndpoints() []api.Route {
	get, post, put, del := endpoint(http.MethodGet), endpoint(http.MethodPost), endpoint(http.MethodPut), endpoint(http.MethodDelete)
	return []api.Route{
		get("/notifications", web.SignedIn, s.api.Notifications.List, api.DocListNotifications),
		post("/notifications/read", web.SignedIn, s.api.Notifications.ReadAll, api.DocReadNotifications),
		post("/notifications/:id/read", web.SignedIn, s.api.Notifications.Read, api.DocReadNotification),
		get("/account/away", web.Needs(account.WorkAsStaff), s.api.Away.Show, api.DocShowAway),
		put("/account/away", web.Needs(account.WorkAsStaff), s.api.Away.Set, api.DocSetAway),
		get("/staff", web.Needs(account.WorkAsStaff), s.api.TeamMembers.FindStaff, api.DocFindStaff),
		get("/teams", web.Needs(account.WorkAsStaff), s.api.Teams.List, api.DocListTeams),
		post("/teams", web.Needs(account.ManageTeams), s.api.Teams.Add, api.DocAddTeam),
		get("/teams/:id", web.Needs(account.WorkAsStaff), s.api.Teams.Show, api.DocShowTeam),
		put("/teams/:id", web.Needs(account.ManageTeams), s.api.Teams.Update, api.DocUpdateTeam),
		post("/teams/:id/retire", web.Needs(account.ManageTeams), s.api.Teams.Retire, api.DocRetireTeam),
		post("/teams/:id/restore", web.Needs(account.ManageTeams), s.api.Teams.Restore, api.DocRestoreTeam),
		get("/teams/:id/members", web.Needs(account.WorkAsStaff), s.api.TeamMembers.List, api.DocListMembers),
		put("/teams/:id/members/:user", web.Needs(account.WorkAsStaff), s.api.TeamMembers.Put, api.DocPutMember),
		del("/teams/:id/members/:user", web.Needs(account.WorkAsStaff), s.api.TeamMembers.Remove, api.DocRemoveMember),
		get("/roles", web.Needs(account.ManageAccounts), s.api.Roles.List, api.DocListRoles),
		post("/roles", web.Needs(account.ManageAccounts), s.api.Roles.Add, api.DocAddRole),
		get("/roles/:id", web.Needs(account.ManageAccounts), s.api.Roles.Show, api.DocShowRole),
		put("/roles/:id", web.Needs(account.ManageAccounts), s.api.Roles.Update, api.DocUpdateRole),
		del("/roles/:id", web.Needs(account.ManageAccounts), s.api.Roles.Delete, api.DocDeleteRole),
		get("/invitations", web.Needs(account.ManageAccounts), s.api.Invitations.List, api.DocListInvitations),
		post("/invitations", web.Needs(account.ManageAccounts), s.api.Invitations.Invite, api.DocInvite),
		post("/invitations/:id/link", web.Needs(account.ManageAccounts), s.api.Invitations.Renew, api.DocRenewInvitation),
		del("/invitations/:id", web.Needs(account.ManageAccounts), s.api.Invitations.Revoke, api.DocRevokeInvitation),
		get("/settings", web.Needs(account.ManageSettings), s.api.Settings.Show, api.DocShowSettings),
		put("/settings", web.Needs(account.ManageSettings), s.api.Settings.Save, api.DocSaveSettings),
		get("/views", web.Needs(account.WorkAsStaff), s.api.Views.List, api.DocListViews),
		post("/views", web.Needs(account.WorkAsStaff), s.api.Views.Add, api.DocAddView),
		get("/views/:id", web.Needs(account.WorkAsStaff), s.api.Views.Show, api.DocShowView),
		put("/views/:id", web.Needs(account.WorkAsStaff), s.api.Views.Update, api.DocUpdateView),
		del("/views/:id", web.Needs(account.WorkAsStaff), s.api.Views.Delete, api.DocDeleteView),
		post("/ws-ticket", web.SignedIn, s.api.Tokens.SocketTicket, api.DocSocketTicket),
	}
}
