package web

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
)

// The shapes of the API's answers. They have all fields of the system that Frontdesk
// replaces; clients may ignore the fields that were added.

// JSONTicket is a ticket.
type JSONTicket struct {
	ID          int64    `json:"id"`
	Subject     string   `json:"subject"`
	Description string   `json:"description"`
	Category    string   `json:"category"`
	Priority    string   `json:"priority" enum:"Low Medium High Urgent"`
	Status      string   `json:"status" enum:"OPEN IN_PROGRESS RESOLVED CLOSED"`
	Attachment  *string  `json:"attachment" doc:"The address of the ticket’s newest own file; null without one."`
	UserID      int64    `json:"userId"`
	User        JSONUser `json:"user"`
	CreatedAt   JSONTime `json:"createdAt"`
	UpdatedAt   JSONTime `json:"updatedAt"`
	Version     int32    `json:"version" doc:"Moves with every change of a field, the status or a file."`

	// These keys are for staff only. They are null without an assignee or a team, and if the
	// requester does not wait.
	Assignee     **JSONAssignee `json:"assignee,omitempty" doc:"Who works on the ticket; absent for customers."`
	Team         **JSONTeamName `json:"team,omitempty" doc:"The team that works on the ticket; absent for customers."`
	WaitingSince **JSONTime     `json:"waitingSince,omitempty" doc:"Since when the requester has waited for an answer; absent for customers."`
}

// JSONAssignee is the member of staff who works on a ticket.
type JSONAssignee struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
}

// JSONTeamName is a team of a ticket.
type JSONTeamName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// JSONUser is a user. Customers get null for the e-mail address of another user.
type JSONUser struct {
	ID       int64   `json:"id"`
	Username string  `json:"username"`
	Email    *string `json:"email" doc:"Null to customers, where it is another’s."`
}

// JSONComment is a comment of a ticket's permanent record.
type JSONComment struct {
	ID        int64      `json:"id"`
	TicketID  int64      `json:"ticketId"`
	Text      string     `json:"text"`
	UserID    int64      `json:"userId"`
	User      JSONUser   `json:"user"`
	CreatedAt JSONTime   `json:"createdAt"`
	Files     []JSONFile `json:"files"`
}

// JSONFile is a file of a comment or a note.
type JSONFile struct {
	Name string `json:"name" doc:"The name that the uploader gave."`
	URL  string `json:"url" doc:"Its address, as a ticket’s attachment."`
	Type string `json:"type" doc:"Its media type."`
	Size int64  `json:"size" doc:"In bytes."`
}

// JSONNote is an internal note. The text of a deleted note is "".
type JSONNote struct {
	ID        int64      `json:"id"`
	Seq       int64      `json:"seq" doc:"Its sequence number in the ticket’s log."`
	TicketID  int64      `json:"ticketId"`
	Text      string     `json:"text" doc:"Empty if the author has deleted the note."`
	UserID    int64      `json:"userId"`
	User      JSONUser   `json:"user"`
	CreatedAt JSONTime   `json:"createdAt"`
	Files     []JSONFile `json:"files"`
}

// JSONFollower is a follower of a ticket.
type JSONFollower struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Reason   string `json:"reason" enum:"chosen mentioned assigned" doc:"Why: the user chose to follow, was mentioned in a note, or was assigned the ticket."`
}

// JSONMessage is a chat message.
type JSONMessage struct {
	ID        int64      `json:"id"`
	Seq       int64      `json:"seq" doc:"Its sequence number in the ticket’s log. Send it as after to get what follows."`
	TicketID  int64      `json:"ticketId"`
	Message   string     `json:"message"`
	SenderID  int64      `json:"senderId"`
	Sender    JSONSender `json:"sender"`
	CreatedAt JSONTime   `json:"createdAt"`
}

// JSONSender is the author of a chat message.
type JSONSender struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Role     string `json:"role" enum:"CUSTOMER ADMIN" doc:"ADMIN for every member of staff, as in the first system."`
	// StaffRole is absent for customers.
	StaffRole string `json:"staffRole,omitempty" enum:"agent admin" doc:"Which member of staff; absent for customers."`
}

// apiRole returns a role as the first system wrote it: it had no agents, and ADMIN is any
// member of staff.
func apiRole(role account.Role) string {
	if account.IsStaff(role) {
		return "ADMIN"
	}
	return "CUSTOMER"
}

// staffRole returns a role of staff, or "" for customers.
func staffRole(role account.Role) string {
	if account.IsStaff(role) {
		return string(role)
	}
	return ""
}

// JSONToken is the answer to signing in.
type JSONToken struct {
	Token string `json:"token" doc:"A bearer token that lasts 24 hours. Its claims id, email and role are for display: what an account may do is read from the database with each request."`
}

// JSONError is the body of every failure.
type JSONError struct {
	Error   string            `json:"error" doc:"A sentence for people."`
	Message string            `json:"message" doc:"The same sentence, for clients of the first system."`
	Fields  map[string]string `json:"fields,omitempty" doc:"What is wrong, by field."`
	Ticket  *JSONTicket       `json:"ticket,omitempty" doc:"With 409 after If-Match or version: the ticket as it is."`
}

// JSONTime is a time that is written as RFC 3339 in UTC.
type JSONTime time.Time

// MarshalText writes milliseconds, as JavaScript's Date does.
func (t JSONTime) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z07:00")), nil
}

// NewJSONTicket returns a ticket as reader may see it.
func NewJSONTicket(t ticketquery.FullTicket, reader account.Actor) JSONTicket {
	out := JSONTicket{
		ID: t.ID, Subject: t.Subject, Description: t.Description, Category: t.Category,
		Priority: string(t.Priority), Status: string(t.Status), UserID: t.RequesterID,
		User:      userJSON(t.RequesterID, t.RequesterName, t.RequesterEmail, reader),
		CreatedAt: JSONTime(t.CreatedAt), UpdatedAt: JSONTime(t.UpdatedAt), Version: t.Version,
	}
	if t.Attachment != "" {
		path := "/uploads/" + t.Attachment
		out.Attachment = &path
	}
	if desk.SeesInternal(reader, desk.Ticket{RequesterID: t.RequesterID}) {
		out.Assignee, out.Team, out.WaitingSince = new(*JSONAssignee), new(*JSONTeamName), new(*JSONTime)
		if t.AssigneeID != 0 {
			*out.Assignee = &JSONAssignee{t.AssigneeID, t.Assignee}
		}
		if t.TeamID != 0 {
			*out.Team = &JSONTeamName{t.TeamID, t.Team}
		}
		*out.WaitingSince = (*JSONTime)(t.WaitingSince)
	}
	return out
}

// userJSON returns a user, with the e-mail address if reader may see it.
func userJSON(id int64, name, email string, reader account.Actor) JSONUser {
	u := JSONUser{ID: id, Username: name}
	if reader.Can(account.WorkAsStaff) || reader.ID == id {
		u.Email = &email
	}
	return u
}

// NewJSONComment returns a comment as reader may see it.
func NewJSONComment(ticketID int64, s desk.AuthoredEntry, reader account.Actor) JSONComment {
	return JSONComment{ID: EntryNumber(ticketID, s.Seq), TicketID: ticketID, Text: s.Body, UserID: s.AuthorID,
		User: userJSON(s.AuthorID, s.Author, s.AuthorEmail, reader), CreatedAt: JSONTime(s.CreatedAt), Files: filesJSON(s.Files)}
}

// filesJSON returns files as the API writes them.
func filesJSON(files []desk.File) []JSONFile {
	out := make([]JSONFile, len(files))
	for i, f := range files {
		out[i] = JSONFile{f.Filename, "/uploads/" + f.Name, f.ContentType, f.Size}
	}
	return out
}

// NewJSONNote returns a note as staff see it.
func NewJSONNote(ticketID int64, s desk.AuthoredEntry) JSONNote {
	email := s.AuthorEmail
	return JSONNote{ID: EntryNumber(ticketID, s.Seq), Seq: s.Seq, TicketID: ticketID, Text: s.Body, UserID: s.AuthorID,
		User: JSONUser{ID: s.AuthorID, Username: s.Author, Email: &email}, CreatedAt: JSONTime(s.CreatedAt), Files: filesJSON(s.Files)}
}

// NewJSONMessage returns a chat message.
func NewJSONMessage(ticketID int64, s desk.AuthoredEntry) JSONMessage {
	return JSONMessage{ID: EntryNumber(ticketID, s.Seq), Seq: s.Seq, TicketID: ticketID, Message: s.Body, SenderID: s.AuthorID,
		Sender: JSONSender{ID: s.AuthorID, Username: s.Author, Role: apiRole(s.AuthorRole), StaffRole: staffRole(s.AuthorRole)}, CreatedAt: JSONTime(s.CreatedAt)}
}

// EntryNumber returns an id for an entry of a ticket's log that is unique on the desk. It
// is exact in JavaScript (below 2^53) for up to a million entries on each of eight thousand
// million tickets.
func EntryNumber(ticketID, seq int64) int64 { return ticketID<<20 | seq }

// AuthoredBy returns an entry that the actor has just written, with the actor as its author.
func AuthoredBy(actor account.Actor, e desk.Event) desk.AuthoredEntry {
	entry := e.Authored()
	entry.AuthorID, entry.Author, entry.AuthorEmail, entry.AuthorRole = actor.ID, actor.Username, actor.Email, actor.Role
	return entry
}

// ToJSON returns v as JSON. It panics if v cannot be written, as a channel cannot.
func ToJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs
	}
	return b
}

// SendUntagged writes a value as JSON without an ETag, for answers that clients do not cache.
func SendUntagged(c echo.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return SendCoded(c, status, echo.MIMEApplicationJSON, body)
}

// Number reads a whole number from 1 to most. It returns 0 for "", and false for any other text.
func Number(text string, most int64) (int64, bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 1 && n <= most
}

// JSONEvent is a message on the socket of an API client, in both directions. Its names and payloads
// are those of the first system.
type JSONEvent struct {
	Event string          `json:"event" enum:"message comment note updated ack error joined pong" doc:"The kind of event; see Follow a ticket live."`
	Seq   int64           `json:"seq,omitempty" doc:"Its sequence number in the ticket’s log. Reconnect with it as ?after=."`
	Data  json.RawMessage `json:"data,omitempty" doc:"Message, Comment, Note, Updated or Answer, depending on the event."`
}

// JSONUpdated is the data of the event "updated": the ticket changed in another way than by
// a comment or a message, so the client reads it again.
type JSONUpdated struct {
	TicketID int64  `json:"ticketId"`
	Kind     string `json:"kind" doc:"What happened, such as status or attachment."`
}
