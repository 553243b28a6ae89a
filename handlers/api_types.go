package handlers

import (
	"strings"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
)

// What the API answers, field by field the contract of the system that this one
// replaces. What it adds is optional to a client.

// apiTicket is a ticket.
type apiTicket struct {
	ID          int64    `json:"id"`
	Subject     string   `json:"subject"`
	Description string   `json:"description"`
	Category    string   `json:"category"`
	Priority    string   `json:"priority" enum:"Low Medium High Urgent"`
	Status      string   `json:"status" enum:"OPEN IN_PROGRESS RESOLVED CLOSED"`
	Attachment  *string  `json:"attachment" doc:"The address of the ticket’s newest own file; null without one."`
	UserID      int64    `json:"userId"`
	User        apiUser  `json:"user"`
	CreatedAt   jsonTime `json:"createdAt"`
	UpdatedAt   jsonTime `json:"updatedAt"`
	Version     int32    `json:"version" doc:"Moves with every change of a field, the status or a file."`
}

// apiUser is somebody as others see them. Another person's address is null to customers.
type apiUser struct {
	ID       int64   `json:"id"`
	Username string  `json:"username"`
	Email    *string `json:"email" doc:"Null to customers, where it is another’s."`
}

// apiComment is a comment of a ticket's permanent record.
type apiComment struct {
	ID        int64    `json:"id"`
	TicketID  int64    `json:"ticketId"`
	Text      string   `json:"text"`
	UserID    int64    `json:"userId"`
	User      apiUser  `json:"user"`
	CreatedAt jsonTime `json:"createdAt"`
}

// apiMessage is a chat line.
type apiMessage struct {
	ID        int64     `json:"id"`
	Seq       int64     `json:"seq" doc:"Its place in the ticket’s log: what follows it is asked for by after."`
	TicketID  int64     `json:"ticketId"`
	Message   string    `json:"message"`
	SenderID  int64     `json:"senderId"`
	Sender    apiSender `json:"sender"`
	CreatedAt jsonTime  `json:"createdAt"`
}

// apiSender is the author of a chat line.
type apiSender struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Role     string `json:"role" enum:"CUSTOMER ADMIN"`
}

// apiRole returns a role as the first system spells it.
func apiRole(role account.Role) string { return strings.ToUpper(string(role)) }

// apiToken is the answer to signing in.
type apiToken struct {
	Token string `json:"token" doc:"A bearer token that lasts 24 hours. Its claims id, email and role are for display: what an account may do is read from the database with each request."`
}

// apiError is the body of every failure.
type apiError struct {
	Error   string            `json:"error" doc:"A sentence for people."`
	Message string            `json:"message" doc:"The same sentence, for clients of the first system."`
	Fields  map[string]string `json:"fields,omitempty" doc:"What is wrong, by field."`
	Ticket  *apiTicket        `json:"ticket,omitempty" doc:"With 409 after If-Match or version: the ticket as it is."`
}

// jsonTime is RFC 3339 in UTC.
type jsonTime time.Time

// MarshalText writes milliseconds, as JavaScript's Date does.
func (t jsonTime) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z07:00")), nil
}

func ticketJSON(t ticketquery.FullTicket, reader account.Actor) apiTicket {
	out := apiTicket{
		ID: t.ID, Subject: t.Subject, Description: t.Description, Category: t.Category,
		Priority: string(t.Priority), Status: string(t.Status), UserID: t.RequesterID,
		User:      userJSON(t.RequesterID, t.RequesterName, t.RequesterEmail, reader),
		CreatedAt: jsonTime(t.CreatedAt), UpdatedAt: jsonTime(t.UpdatedAt), Version: t.Version,
	}
	if t.Attachment != "" {
		path := "/uploads/" + t.Attachment
		out.Attachment = &path
	}
	return out
}

func userJSON(id int64, name, email string, reader account.Actor) apiUser {
	u := apiUser{ID: id, Username: name}
	if reader.Can(account.SeeAllTickets) || reader.ID == id {
		u.Email = &email
	}
	return u
}

func commentJSON(ticketID int64, s desk.Said, reader account.Actor) apiComment {
	return apiComment{ID: entryNumber(ticketID, s.Seq), TicketID: ticketID, Text: s.Body, UserID: s.AuthorID,
		User: userJSON(s.AuthorID, s.Author, s.AuthorEmail, reader), CreatedAt: jsonTime(s.CreatedAt)}
}

func messageJSON(ticketID int64, s desk.Said) apiMessage {
	return apiMessage{ID: entryNumber(ticketID, s.Seq), Seq: s.Seq, TicketID: ticketID, Message: s.Body, SenderID: s.AuthorID,
		Sender: apiSender{ID: s.AuthorID, Username: s.Author, Role: apiRole(s.AuthorRole)}, CreatedAt: jsonTime(s.CreatedAt)}
}

// entryNumber makes one number of an entry's ticket and place, so that no two
// comments of the desk have the same. It stays exact in JavaScript (under 2^53)
// for a million entries a ticket on eight thousand million tickets.
func entryNumber(ticketID, seq int64) int64 { return ticketID<<20 | seq }

// saidBy is an entry that the actor has just written.
func saidBy(actor account.Actor, e desk.Event) desk.Said {
	return desk.Said{Seq: e.Seq, Body: e.Body, AuthorID: actor.ID, Author: actor.Username, AuthorEmail: actor.Email, AuthorRole: actor.Role, CreatedAt: e.CreatedAt}
}
