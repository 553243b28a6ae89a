package api

import (
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
)

// What the document says of each Doc, in the order of the routes.

const (
	groupAccess   = "Signing in"
	groupTickets  = "Tickets"
	groupComments = "Comments"
	groupChat     = "Chat"
	groupNews     = "Notifications"
	groupDesk     = "The desk"
)

// groups are the tags of the document, in the order of the page.
var groups = []struct{ name, text string }{
	{groupAccess, "Accounts, and the tokens for all else."},
	{groupTickets, "What customers ask for, with its status and its files."},
	{groupComments, "The permanent record of a ticket."},
	{groupChat, "Short messages on a ticket, and all that happens there as it happens."},
	{groupNews, "What you are told of: one notification for each ticket on which something happened. What nothing was added to for 90 days is removed."},
	{groupDesk, "The desk itself, for monitoring and for tools."},
}

// spanQuery is the stretch of a list; see [readSpan].
type spanQuery struct {
	Limit int   `query:"limit" rules:"min=1,max=1000" doc:"How many at most; fewer where their texts are long. Without it the list is whole."`
	After int64 `query:"after" rules:"min=1" doc:"Where the page before ended: take it from its Link."`
}

// chatQuery is what a socket is opened with.
type chatQuery struct {
	Ticket string `query:"ticket" doc:"Of POST /api/ws-ticket, in place of a bearer token."`
	After  int64  `query:"after" doc:"The seq you have come to: what follows is sent first. Without it you hear what happens from now on."`
}

// linkQuery is what a signed link carries; see [API.LinkFile].
type linkQuery struct {
	Until int64  `query:"until" doc:"Of a signed link, in place of a token."`
	By    string `query:"by" doc:"Of a signed link, too."`
	Sign  string `query:"sign" doc:"Of a signed link, too."`
}

type healthy struct {
	OK bool `json:"ok"`
}

var (
	text          = &schema{Type: "string"}
	ticketHeaders = map[string]docHeader{"ETag": {"Changes with the ticket: for If-Match and If-None-Match.", true, text}}
	madeHeaders   = map[string]docHeader{
		"ETag":     {"The new ticket's, for If-Match.", false, text},
		"Location": {"The new ticket’s address.", false, text},
	}
	listHeaders = map[string]docHeader{
		"Link": {`The next page, as <address>; rel="next", where there is one.`, false, text},
		"ETag": {"Of a page with a limit, and of a whole list that is short (64 KiB), for If-None-Match.", false, text},
	}
	readBefore = "You have it already: its ETag is the one you sent."
)

var (
	DocHealth = Doc{group: groupDesk, id: "health", summary: "Ask whether the desk is up", sure: true,
		text: "It answers at /health as well.", good: map[int]string{200: "It is up."}, out: healthy{}}
	DocOpenAPI = Doc{group: groupDesk, id: "openapi", summary: "Read this document", sure: true, cached: true,
		text: "The whole API in OpenAPI 3.1, for tools that make clients.", good: map[int]string{200: "The document.", 304: readBefore}}

	DocPage = Doc{group: groupDesk, id: "docs", summary: "Read this page", sure: true, kind: "text/html",
		good: map[int]string{200: "The document for people."}}

	DocRegister = Doc{group: groupAccess, id: "register", summary: "Create a customer’s account", once: true,
		in: account.RegisterInput{}, sample: `{"username":"Ana Kovač","email":"ana@example.org","password":"a-password-of-your-own"}`,
		good: map[int]string{201: "The account is created, and you are signed in."}, out: web.JSONToken{},
		bad: map[int]string{409: "This address already has an account, or the same request is still under way: then Retry-After says when to ask again.", 429: failureText[429]}}
	DocLogin = Doc{group: groupAccess, id: "login", summary: "Sign in", once: true,
		in: account.SignInInput{}, sample: `{"email":"ana@example.org","password":"a-password-of-your-own"}`,
		good: map[int]string{200: "You are signed in."}, out: web.JSONToken{},
		bad: map[int]string{401: "Address and password do not match.", 429: failureText[429]}}

	DocListTickets = Doc{group: groupTickets, id: "listTickets", summary: "List tickets", filter: ticketquery.Filter{}, query: spanQuery{}, cached: true, sample: "?status=OPEN&limit=50",
		text: "Customers get their own tickets, admins everybody’s; the newest first. Several filters are all to hold.",
		good: map[int]string{200: "The tickets.", 304: readBefore}, out: []web.JSONTicket{}, headers: listHeaders}
	DocCreateTicket = Doc{group: groupTickets, id: "createTicket", summary: "Open a ticket", once: true,
		text: "As multipart/form-data, one file can go with it.", file: "attachment",
		in:     desk.TicketInput{Category: "General", Priority: string(desk.PriorityMedium)},
		sample: `{"subject":"Invoice 2207","description":"It has our old address.","category":"Billing","priority":"High"}`,
		good:   map[int]string{201: "The new ticket."}, out: web.JSONTicket{}, headers: madeHeaders}
	DocShowTicket = Doc{group: groupTickets, id: "showTicket", summary: "Read a ticket", cached: true,
		good: map[int]string{200: "The ticket.", 304: readBefore}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocUpdateTicket = Doc{group: groupTickets, id: "updateTicket", summary: "Change a ticket", match: true, some: true,
		text: "What you do not send stays. A new file takes the place of the ticket’s own. Its requester and admins can do it.",
		in:   JSONUpdate{}, file: "attachment", sample: `{"priority":"Urgent","version":1}`,
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocSetStatus = Doc{group: groupTickets, id: "setStatus", summary: "Set a ticket’s status", match: true,
		text: "Admins only.", in: desk.StatusInput{}, sample: `{"status":"RESOLVED"}`,
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: ticketHeaders}
	DocDeleteTicket = Doc{group: groupTickets, id: "deleteTicket", summary: "Delete a ticket",
		text: "Its comments, chat messages and file are deleted too. For 30 days an admin can restore it on the website.",
		good: map[int]string{204: "It is gone."}}
	DocAttach = Doc{group: groupTickets, id: "attach", summary: "Put a file on a ticket", once: true, file: "file",
		text: "It takes the place of the ticket’s own file.",
		good: map[int]string{200: "The ticket as it is now."}, out: web.JSONTicket{}, headers: map[string]docHeader{"ETag": madeHeaders["ETag"]},
		bad: map[int]string{409: "The ticket has changed since, or the same request is still under way."}}
	DocLinkFile = Doc{group: groupTickets, id: "linkFile", summary: "Get a link to a file", once: true,
		text: "It fetches the file without a token, for five minutes: for places where none can be sent, such as an image on a page.",
		good: map[int]string{201: "The link."}, out: JSONLink{}}
	DocDownload = Doc{group: groupTickets, id: "download", summary: "Fetch a file", kind: "*/*", cached: true, query: linkQuery{},
		text: "The address stands in a ticket’s attachment. It answers parts of a file by Range, too.",
		good: map[int]string{200: "The file.", 206: "The part that was asked for.", 303: "Without a token: to the website’s page for signing in.", 304: readBefore},
		bad:  map[int]string{412: "The file is another than the one of If-Match.", 416: "The file has no such part."}}

	DocListComments = Doc{group: groupComments, id: "listComments", summary: "List a ticket’s comments", query: spanQuery{}, cached: true,
		text: "The first one first.",
		good: map[int]string{200: "The comments.", 304: readBefore}, out: []web.JSONComment{}, headers: listHeaders}
	DocAddComment = Doc{group: groupComments, id: "addComment", summary: "Add a comment", once: true,
		in: desk.CommentInput{}, sample: `{"text":"It works again. Thank you."}`,
		good: map[int]string{201: "The new comment."}, out: web.JSONComment{}}

	DocListMessages = Doc{group: groupChat, id: "listMessages", summary: "List a ticket’s chat messages", query: spanQuery{}, cached: true,
		text: "The first one first.",
		good: map[int]string{200: "The chat messages.", 304: readBefore}, out: []web.JSONMessage{}, headers: listHeaders}
	DocSendMessage = Doc{group: groupChat, id: "sendMessage", summary: "Send a chat message", once: true,
		text: "Sent again with the same clientMsgId it is stored once.",
		in:   JSONMessageInput{}, sample: `{"message":"Hello there","clientMsgId":"7f3c"}`,
		good: map[int]string{201: "The chat message."}, out: web.JSONMessage{}}
	DocChat = Doc{group: groupChat, id: "chat", summary: "Follow a ticket live", socket: true, query: chatQuery{},
		sample: `{"event":"message","data":{"message":"Hello there","clientMsgId":"7f3c"}}`,
		text: "A websocket (RFC 6455). Both sides send JSON objects with event and data, the schema Event.\n\n" +
			"You send: message, with a data of message and clientMsgId; join-room, with the ticket’s number; ping.\n\n" +
			"You hear: message and comment, with what was said as their lists have it; updated, when anything else happened, so that you read the ticket again; " +
			"ack, once your message is stored; joined; pong; and error, with a name in error and words in message (these four carry the schema Answer). " +
			"What has a seq stands in the ticket’s log: come back with it in after, and nothing is missed or heard twice.",
		good: map[int]string{101: "The socket is open. Each of its messages is an Event."}, out: web.JSONEvent{},
		bad: map[int]string{400: "Not a websocket handshake, or something in the address is wrong.",
			426: "This was no request for a websocket.", 429: "You have too many sockets open."}}
	DocListNotifications = Doc{group: groupNews, id: "listNotifications", summary: "List your notifications", query: spanQuery{}, cached: true,
		text: "The newest first, 50 at a time without a limit. Customers are told of answers to their tickets and of their status, admins of new tickets and of customers’ answers. Reading a ticket on the website marks its notification as read.",
		good: map[int]string{200: "The notifications.", 304: readBefore}, out: []JSONNotification{}, headers: listHeaders}
	DocReadNotifications = Doc{group: groupNews, id: "readNotifications", summary: "Mark all notifications as read",
		good: map[int]string{204: "None is unread."}}
	DocReadNotification = Doc{group: groupNews, id: "readNotification", summary: "Mark a notification as read",
		good: map[int]string{204: "It is read."}}
	DocSocketTicket = Doc{group: groupChat, id: "socketTicket", summary: "Get a ticket for a socket", once: true,
		text: "It opens one socket, within half a minute: for browsers, which cannot send a bearer token there.",
		good: map[int]string{201: "Put it into ?ticket=."}, out: JSONSocketToken{}}
)

// guide is what holds for all endpoints.
type guide struct{ title, text string }

var guides = []guide{
	{"Tokens", "Send Authorization: Bearer and a token with each request. Registering and signing in give one that lasts 24 hours; " +
		"on your account page you make personal ones that last as long as you say. A changed password, or “sign out everywhere”, ends the tokens of signing in."},
	{"Bodies", "Send JSON (UTF-8), or a form where a file goes along. Times are RFC 3339 in UTC. Fields that we do not know are passed over, " +
		"and null is the same as not sent. Space around a text is removed, and a line end is one character, before it is checked and counted. Numbers, true and false may come as text, as forms have nothing else."},
	{"Failures", "Every failure is a JSON object: error is a sentence for people, message the same sentence, and fields says what is wrong by field. " +
		"429, 503 and 507 say in Retry-After when to come back."},
	{"Lists", "Without a limit a list is whole, and is sent as it is read. With limit it comes page by page: follow the address in Link with rel=\"next\" until there is none."},
	{"Sending again", "Give each POST an Idempotency-Key of its own, such as a UUID. When an answer is lost, send the same request with the same key: " +
		"for 24 hours it is done once, and answered the same. The same key with another request is refused (422). What failed is not kept: send it again with the same key. " +
		"A key is yours alone; where you have no token yet, to register and to sign in, it is shared by all, so make it one that cannot be guessed."},
	{"Two at once", "A ticket has a version, which moves with each change. Send it with your change (as version, or the ETag as If-Match), " +
		"and if someone else was quicker you get 409 and the ticket as it is, instead of overwriting their change."},
	{"Reading again", "A ticket, a page of a list and a short list carry an ETag. Send it back as If-None-Match and get 304, without a body, while nothing has changed. HEAD works wherever GET does, and gzip is used for those who take it."},
}

// guideText is the guides as one text.
func guideText() string {
	out := ""
	for _, g := range guides {
		out += "## " + g.title + "\n" + g.text + "\n\n"
	}
	return out
}
