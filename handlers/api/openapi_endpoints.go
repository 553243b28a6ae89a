package api

import (
	"strconv"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/input"
	"frontdesk/internal/openapi"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
)

// The descriptions of the endpoints, in the order of the routes.

// The groups of endpoints.
const (
	groupAccess   = "Signing in"
	groupTickets  = "Tickets"
	groupComments = "Comments"
	groupNotes    = "Internal notes"
	groupChat     = "Chat"
	groupUpdates  = "Notifications"
	groupViews    = "Views"
	groupStaff    = "Staff"
	groupDesk     = "The desk"
)

// groups are the tags of the document with their descriptions, in the order of the page.
var groups = []struct{ name, text string }{
	{groupAccess, "Accounts, and the tokens for all other requests."},
	{groupTickets, "The requests of customers, with their status and files."},
	{groupComments, "The permanent record of a ticket."},
	{groupNotes, "What only staff see: notes on a ticket, and who follows it. Customers get 403 for their own tickets."},
	{groupChat, "Short messages on a ticket, and its events as they happen."},
	{groupUpdates, "One notification for each ticket on which something happened. A notification is removed " + input.Duration(desk.NotificationsKept) + " after its newest event."},
	{groupViews, "Lists of tickets with a name, for staff. A view has the query of a list of tickets, on the website and of GET /api/tickets."},
	{groupStaff, "Teams, roles and invitations of staff, and who is away. What the website allows your role, it allows here."},
	{groupDesk, "The desk itself, for monitoring and for tools."},
}

// spanQuery has the parameters of a list; see [readPageRange].
type spanQuery struct {
	Limit int   `query:"limit" rules:"min=1,max=1000" doc:"The maximum number of entries on a page. A page with long texts has fewer. Without a limit the answer is the whole list."`
	After int64 `query:"after" rules:"min=1" doc:"The end of the previous page, as in its Link."`
}

// ticketSpanQuery is [spanQuery] of the list of tickets.
type ticketSpanQuery struct {
	Limit int    `query:"limit" rules:"min=1,max=1000" doc:"The maximum number of entries on a page. A page with long texts has fewer. Without a limit the answer is the whole list."`
	After string `query:"after" doc:"The end of the previous page, as in its Link. It belongs to the order."`
}

// chatQuery has the parameters of a socket.
type chatQuery struct {
	Ticket string `query:"ticket" doc:"A ticket from POST /api/ws-ticket, instead of a bearer token."`
	After  int64  `query:"after" doc:"The last seq that you have received. The events after it are sent first. Without it you receive the events from now on."`
}

// linkQuery has the parameters of a signed link; see [Attachments.Link].
type linkQuery struct {
	Until int64  `query:"until" doc:"Part of a signed link, which is used instead of a token."`
	By    string `query:"by" doc:"Part of a signed link."`
	Sign  string `query:"sign" doc:"Part of a signed link."`
}

// healthy is the answer of the health check.
type healthy struct {
	OK bool `json:"ok"`
}

// Texts and headers that several endpoints share.
var (
	text          = &openapi.Schema{Type: "string"}
	ticketHeaders = map[string]openapi.Header{"ETag": always("Changes with the ticket. For If-Match and If-None-Match.")}
	madeHeaders   = map[string]openapi.Header{
		"ETag":     sometimes("The new ticket's, for If-Match."),
		"Location": sometimes("The new ticket’s address."),
	}
	tagHeaders  = map[string]openapi.Header{"ETag": always("For If-None-Match.")}
	listHeaders = map[string]openapi.Header{
		"Link": sometimes(`The next page, as <address>; rel="next". Missing on the last page.`),
		"ETag": sometimes("For If-None-Match. Sent with a page with a limit, and with a whole list of up to 64 KiB."),
	}
	// onlyManagers is the description of 403 of endpoints that need a permission.
	onlyManagers = "Your role does not allow this, or your password was set by staff: then choose your own on the website first."
	readBefore   = "Not changed: its ETag is the one that you sent."
)

// always returns the description of a header that every answer has.
func always(description string) openapi.Header {
	return openapi.Header{Description: description, Required: true, Schema: text}
}

// sometimes returns the description of a header that an answer may have.
func sometimes(description string) openapi.Header {
	return openapi.Header{Description: description, Schema: text}
}

// The descriptions of the endpoints.
var (
	DocHealth = Doc{group: groupDesk, id: "health", summary: "Check whether the desk is running", sure: true,
		text: "It also answers at /health.", good: map[int]string{200: "It is running."}, out: healthy{}}
	DocOpenAPI = Doc{group: groupDesk, id: "openapi", summary: "Read this document", sure: true, cached: true,
		text: "The whole API in OpenAPI 3.1, for tools that generate clients.", good: map[int]string{200: "The document.", 304: readBefore}}

	DocPage = Doc{group: groupDesk, id: "docs", summary: "Read this page", sure: true, kind: "text/html",
		good: map[int]string{200: "The document as a page."}}

	DocRegister = Doc{group: groupAccess, id: "register", summary: "Create a customer’s account", once: true,
		in: account.RegisterInput{}, sample: `{"username":"Ana Kovač","email":"ana@example.org","password":"a-password-of-your-own"}`,
		good: map[int]string{201: "The account is created, and you are signed in."}, out: web.JSONToken{},
		bad: map[int]string{409: "This address already has an account; or the same request is still in progress, and Retry-After is the number of seconds to wait.", 429: failureText[429]}}
	DocLogin = Doc{group: groupAccess, id: "login", summary: "Sign in", once: true,
		in: account.SignInInput{}, sample: `{"email":"ana@example.org","password":"a-password-of-your-own"}`,
		good: map[int]string{200: "You are signed in."}, out: web.JSONToken{},
		bad: map[int]string{401: "Address and password do not match.", 429: failureText[429]}}

	DocListTickets = Doc{group: groupTickets, id: "listTickets", summary: "List tickets", filter: ticketquery.Filter{}, query: ticketSpanQuery{}, cached: true, sample: "?status=ACTIVE&sort=oldest&limit=50",
		text: "Customers get their own tickets, staff get those that they may read. A ticket has to match all filters. The query of a view is one of this list. A ticket that changes while you read pages in another order than by number may be missing or be there twice.",
		good: map[int]string{200: "The tickets.", 304: readBefore}, out: []web.JSONTicket{}, headers: listHeaders}
	DocCreateTicket = Doc{group: groupTickets, id: "createTicket", summary: "Open a ticket", once: true,
		text: "Send multipart/form-data to add one file. Without a category the ticket gets General or, if that is not in use, the desk’s first category.", file: "attachment",
		in: desk.NewTicketInput{TicketInput: desk.TicketInput{Priority: string(desk.DefaultPriority)}}, optional: []string{"category"},
		sample: `{"subject":"Invoice 2207","description":"It has our old address.","category":"Billing","priority":"High"}`,
		good:   map[int]string{201: "The new ticket."}, out: web.JSONTicket{}, headers: madeHeaders}
	DocShowTicket = Doc{group: groupTickets, id: "showTicket", summary: "Read a ticket", cached: true,
		good: map[int]string{200: "The ticket.", 304: readBefore}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocUpdateTicket = Doc{group: groupTickets, id: "updateTicket", summary: "Change a ticket", match: true, some: true,
		text: "Fields that you do not send stay as they are. A new file replaces the ticket’s file. For the ticket’s requester, and staff whose role allows triage.",
		in:   JSONUpdate{}, file: "attachment", sample: `{"priority":"Urgent","version":1}`,
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocSetStatus = Doc{group: groupTickets, id: "setStatus", summary: "Set a ticket’s status", match: true,
		text: "For staff whose role allows triage.", in: desk.StatusInput{}, sample: `{"status":"RESOLVED"}`,
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocAssign = Doc{group: groupTickets, id: "assign", summary: "Assign a ticket", some: true,
		text: "For staff. Fields that you do not send stay as they are. Customers notice nothing of it. Only staff who may read the ticket can be its assignee.",
		in:   desk.AssignmentInput{}, sample: `{"assignee":"me"}`,
		good: map[int]string{200: "The ticket as it is now.", 204: "The ticket is with a private team now, and you may not read it any more."}, out: web.JSONTicket{}, headers: ticketHeaders,
		bad: map[int]string{409: "Another user took the ticket first, or it has another assignee or team than you know."}}
	DocDeleteTicket = Doc{group: groupTickets, id: "deleteTicket", summary: "Delete a ticket",
		text: "Its comments, chat messages and file are deleted too. For " + input.Duration(desk.Grace) + " it can be restored on the website, by users whose role allows them to manage the desk.",
		good: map[int]string{204: "The ticket is deleted."}}
	DocAttach = Doc{group: groupTickets, id: "attach", summary: "Put a file on a ticket", once: true, file: "file",
		text: "It replaces the ticket’s file.",
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: map[string]openapi.Header{"ETag": madeHeaders["ETag"]},
		bad: map[int]string{409: "The ticket has changed in the meantime, or the same request is still in progress."}}
	DocLinkFile = Doc{group: groupTickets, id: "linkFile", summary: "Get a link to a file", once: true,
		text: "For " + input.Duration(web.LinkTime) + " the link fetches the file without a token, for example for an image on a page.",
		good: map[int]string{201: "The link."}, out: JSONLink{}}
	DocDownload = Doc{group: groupTickets, id: "download", summary: "Fetch a file", kind: "*/*", cached: true, query: linkQuery{},
		text: "The address is a ticket’s attachment. Range requests are supported.",
		good: map[int]string{200: "The file.", 206: "The requested part.", 303: "Without a token: a redirect to the website’s sign-in page.", 304: readBefore},
		bad:  map[int]string{412: "The file is not the one in If-Match.", 416: "The file has no such part."}}

	DocListComments = Doc{group: groupComments, id: "listComments", summary: "List a ticket’s comments", query: spanQuery{}, cached: true,
		text: "Oldest first.",
		good: map[int]string{200: "The comments.", 304: readBefore}, out: []web.JSONComment{}, headers: listHeaders}
	DocAddComment = Doc{group: groupComments, id: "addComment", summary: "Add a comment", once: true,
		text: "Send multipart/form-data to add one file.",
		in:   desk.CommentInput{}, file: "attachment", sample: `{"text":"It works again. Thank you."}`,
		good: map[int]string{201: "The new comment."}, out: web.JSONComment{}}

	DocListNotes = Doc{group: groupNotes, id: "listNotes", summary: "List a ticket’s internal notes", query: spanQuery{}, cached: true,
		text: "Oldest first.",
		good: map[int]string{200: "The notes.", 304: readBefore}, out: []web.JSONNote{}, headers: listHeaders}
	DocAddNote = Doc{group: groupNotes, id: "addNote", summary: "Write an internal note", once: true,
		text: "@ and a colleague’s name mentions them: they follow the ticket and get a notification. Names that mention no colleague are only text, and are in `unmentioned`. Send multipart/form-data to add one file.",
		in:   desk.NoteInput{}, file: "attachment", sample: `{"text":"@Tom Becker Accounts can only re-issue until the 25th."}`,
		good: map[int]string{201: "The new note."}, out: JSONAddedNote{}}
	DocDeleteNote = Doc{group: groupNotes, id: "deleteNote", summary: "Delete your own note",
		text: "Up to " + input.Duration(desk.NoteDeletable) + " after you wrote it. Its text and files are removed; its entry in the log stays.",
		good: map[int]string{204: "The note is deleted."}, bad: map[int]string{409: "You wrote the note more than " + input.Duration(desk.NoteDeletable) + " ago."}}
	DocListFollowers = Doc{group: groupNotes, id: "listFollowers", summary: "List a ticket’s followers", cached: true,
		text: "Staff who are notified of answers and notes, by name, at most 100.",
		good: map[int]string{200: "The followers.", 304: readBefore}, out: []web.JSONFollower{}, headers: tagHeaders}
	DocFollow = Doc{group: groupNotes, id: "follow", summary: "Follow a ticket",
		good: map[int]string{204: "You follow it."}}
	DocUnfollow = Doc{group: groupNotes, id: "unfollow", summary: "Stop following a ticket",
		text: "You are not notified of anything on it any more, also if you have written there, until a colleague mentions you.",
		good: map[int]string{204: "You do not follow it."}}

	DocListMessages = Doc{group: groupChat, id: "listMessages", summary: "List a ticket’s chat messages", query: spanQuery{}, cached: true,
		text: "Oldest first.",
		good: map[int]string{200: "The chat messages.", 304: readBefore}, out: []web.JSONMessage{}, headers: listHeaders}
	DocSendMessage = Doc{group: groupChat, id: "sendMessage", summary: "Send a chat message", once: true,
		text: "A message that is sent again with the same clientMsgId is stored once.",
		in:   JSONMessageInput{}, sample: `{"message":"Hello there","clientMsgId":"7f3c"}`,
		good: map[int]string{201: "The chat message."}, out: web.JSONMessage{}}
	DocChat = Doc{group: groupChat, id: "chat", summary: "Follow a ticket live", socket: true, query: chatQuery{},
		sample: `{"event":"message","data":{"message":"Hello there","clientMsgId":"7f3c"}}`,
		text: "A websocket (RFC 6455). Both sides send JSON objects with event and data (the schema Event).\n\n" +
			"You send: message, whose data has message and clientMsgId; join-room, with the ticket’s number as data; ping.\n\n" +
			"You receive: message, comment and, as staff, note, with the same data as in their lists; updated, after any other change, so that you read the ticket again; " +
			"ack, when your message is stored; joined; pong; and error, with a name in error and a sentence in message (the data of these four is the schema Answer). " +
			"An event with a seq is in the ticket’s log. Reconnect with the last seq as after, and you receive every event exactly once.",
		good: map[int]string{101: "The socket is open. Each message on it is an Event."}, out: web.JSONEvent{},
		bad: map[int]string{400: "Not a websocket handshake, or an invalid parameter.",
			426: "Not a request for a websocket.", 429: "You have too many sockets open."}}
	DocShowSettings = Doc{group: groupDesk, id: "showSettings", summary: "Read the settings of the desk", cached: true,
		text: "For users whose role allows them to manage the desk.",
		good: map[int]string{200: "The settings.", 304: readBefore}, out: JSONSettings{}, bad: map[int]string{403: onlyManagers}}
	DocSaveSettings = Doc{group: groupDesk, id: "saveSettings", summary: "Change settings of the desk", some: true,
		text: "For users whose role allows them to manage the desk. Fields that are not sent stay as they are. They apply at once.",
		in:   JSONSettingsUpdate{}, sample: `{"firstReplyAssigns":false}`,
		good: map[int]string{200: "The settings after the change."}, out: JSONSettings{},
		bad: map[int]string{403: onlyManagers, 409: "Another user has changed the settings since the version that you sent."}}
	DocListViews = Doc{group: groupViews, id: "listViews", summary: "List views", cached: true,
		text: "Your own, those of all staff, and those of your teams; of all teams, if your role allows you to manage users.",
		good: map[int]string{200: "The views.", 304: readBefore}, out: []JSONView{}, bad: map[int]string{403: onlyManagers}}
	DocAddView = Doc{group: groupViews, id: "addView", summary: "Save a view", once: true,
		text: "Without share it is only yours. Leads share views with their team, and users whose role allows them to manage users share them with every team and with everybody. Without pinned it gets into the list beside your tickets, which has room for " + strconv.Itoa(savedview.MaxPins) + ", if it is not full.",
		in:   JSONViewInput{}, optional: []string{"query", "share"}, sample: `{"name":"Urgent refunds","query":"q=refund&priority=Urgent"}`,
		good: map[int]string{201: "The new view."}, out: JSONView{}, headers: map[string]openapi.Header{"Location": sometimes("The new view’s address.")},
		bad: map[int]string{403: onlyManagers}}
	DocShowView = Doc{group: groupViews, id: "showView", summary: "Read a view", cached: true,
		good: map[int]string{200: "The view.", 304: readBefore}, out: JSONView{}}
	DocUpdateView = Doc{group: groupViews, id: "updateView", summary: "Change a view", some: true,
		text: "Fields that you do not send stay as they are. You may pin every view that you may read, and have up to " + strconv.Itoa(savedview.MaxPins) + " pinned.",
		in:   JSONViewInput{}, sample: `{"pinned":true}`,
		good: map[int]string{200: "The view as it is now."}, out: JSONView{}}
	DocDeleteView = Doc{group: groupViews, id: "deleteView", summary: "Delete a view",
		text: "Everyone who has it loses it.",
		good: map[int]string{204: "The view is deleted."}}
	DocListNotifications = Doc{group: groupUpdates, id: "listNotifications", summary: "List your notifications", query: spanQuery{}, cached: true,
		text: "Newest first. The default limit is 50. Customers are notified of answers to their tickets and of changes of status. Staff are notified of new tickets, customers’ answers, assignments and mentions; each user chooses which. Reading a ticket on the website marks its notification as read.",
		good: map[int]string{200: "The notifications.", 304: readBefore}, out: []JSONNotification{}, headers: listHeaders}
	DocReadNotifications = Doc{group: groupUpdates, id: "readNotifications", summary: "Mark all notifications as read",
		good: map[int]string{204: "All are read."}}
	DocReadNotification = Doc{group: groupUpdates, id: "readNotification", summary: "Mark a notification as read",
		good: map[int]string{204: "It is read."}}
	DocSocketTicket = Doc{group: groupChat, id: "socketTicket", summary: "Get a ticket for a socket", once: true,
		text: "For browsers, which cannot send a bearer token with a websocket. The ticket opens one socket within " + input.Duration(account.SocketTicketTime) + ".",
		good: map[int]string{201: "The ticket, for ?ticket=."}, out: JSONSocketToken{}}
)

// guide is a section of the document that concerns all endpoints.
type guide struct{ title, text string }

// guides are the sections, in the order of the page.
var guides = []guide{
	{"Tokens", "Send the header Authorization: Bearer with a token in each request. Registering and signing in return a token that lasts " + input.Duration(web.TokenLifetime) + ". " +
		"On your account page you can create personal tokens and choose how long they last. Changing your password, or “sign out everywhere”, ends the tokens from signing in."},
	{"Bodies", "Send JSON (UTF-8), or a form to include a file. Times are RFC 3339 in UTC. Unknown fields are ignored, " +
		"and null is the same as a missing field. Before a text is checked and counted, space around it is removed, and each line end becomes one character. Numbers, true and false may be sent as text, as in forms."},
	{"Failures", "Every failure is a JSON object: error is a sentence for people, message is the same sentence, and fields has the errors by field. " +
		"With 429, 503 and 507, Retry-After is the number of seconds to wait."},
	{"Lists", "Without a limit the answer is the whole list. With a limit it is one page: follow the address in Link with rel=\"next\" until there is none."},
	{"Sending again", "Give each POST its own Idempotency-Key, such as a UUID. If an answer is lost, send the same request with the same key: " +
		"for " + input.Duration(desk.AnswerKept) + " it is performed once, and gets the same answer. The same key with another request is refused (422). A failure is not kept: send the request again with the same key. " +
		"Keys of different accounts are separate. Requests without a token, to register and to sign in, share their keys with all clients, so use a key that cannot be guessed."},
	{"Two at once", "A ticket has a version, which changes with each change of the ticket. Send it with your change (as version, or the ETag as If-Match). " +
		"If someone else changed the ticket first, you get 409 and the current ticket, and their change is not overwritten."},
	{"Reading again", "A ticket, a page of a list and a short list have an ETag. Send it as If-None-Match, and the answer is 304 without a body if nothing has changed. HEAD works wherever GET does. Answers are compressed with zstd or gzip if you accept it."},
}

// guideText returns the guides as one text.
func guideText() string {
	out := ""
	for _, g := range guides {
		out += "## " + g.title + "\n" + g.text + "\n\n"
	}
	return out
}
