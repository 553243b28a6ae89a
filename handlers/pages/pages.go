// Package pages has the handlers of the HTML pages, one file for each noun.
package pages

import (
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
)

// Pages has the handlers of the pages, by noun.
type Pages struct {
	Account        *Account
	Addresses      *Addresses
	Assignment     *Assignment
	Away           *Away
	Categories     *Categories
	Comments       *Comments
	DeliveryStatus *DeliveryStatus
	Followers      *Followers
	Invitations    *Invitations
	Mailboxes      *Mailboxes
	Mails          *Mails
	Notes          *Notes
	Notifications  *Notifications
	Passwords      *Passwords
	Preferences    *Preferences
	Queue          *Queue
	Registrations  *Registrations
	Reports        *Reports
	Roles          *Roles
	Sessions       *Sessions
	Settings       *Settings
	Shortcuts      *Shortcuts
	Status         *Status
	System         *System
	Teams          *Teams
	Tickets        *Tickets
	Tokens         *Tokens
	Trash          *Trash
	Triage         *Triage
	Uploads        *Uploads
	Users          *Users
	Views          *Views
}

// core has what all handlers need, and the methods that those of several nouns call.
type core struct {
	*web.Env
	presence Presence
}

// Presence knows which users have a ticket open.
type Presence interface {
	// Present returns the users who have a ticket open, as staff or the requester may see them.
	Present(ticketID int64, staff bool) views.Presence
	// Visit marks the actor as present on a ticket, because their page has polled for updates.
	Visit(c echo.Context, t desk.Ticket)
	// Read marks a member of staff as present on a ticket of which they open a page.
	Read(c echo.Context, t desk.Ticket)
	// See stores that the actor has seen a ticket's log up to seq.
	See(c echo.Context, t desk.Ticket, seq int64) error
	// Wrote ends the "is writing" mark of a user who has sent their text on a ticket.
	Wrote(ticketID, user int64)
	// WroteNote is Wrote for a note.
	WroteNote(ticketID, user int64)
}

// New returns the handlers of the pages.
func New(env *web.Env, presence Presence) *Pages {
	c := &core{Env: env, presence: presence}
	return &Pages{
		Account:        &Account{c},
		Addresses:      &Addresses{c},
		Assignment:     &Assignment{c},
		Away:           &Away{c},
		Categories:     &Categories{c},
		Comments:       &Comments{c},
		DeliveryStatus: &DeliveryStatus{c},
		Followers:      &Followers{c},
		Invitations:    &Invitations{c},
		Mailboxes:      &Mailboxes{c},
		Mails:          &Mails{c},
		Notes:          &Notes{c},
		Notifications:  &Notifications{c},
		Passwords:      &Passwords{c},
		Preferences:    &Preferences{c},
		Queue:          &Queue{c},
		Registrations:  &Registrations{c},
		Reports:        &Reports{c},
		Roles:          &Roles{c},
		Sessions:       &Sessions{c},
		Settings:       &Settings{c},
		Shortcuts:      &Shortcuts{c},
		Status:         &Status{c},
		System:         &System{c},
		Teams:          &Teams{c},
		Tickets:        &Tickets{c},
		Tokens:         &Tokens{c},
		Trash:          &Trash{c},
		Triage:         &Triage{c},
		Uploads:        &Uploads{c},
		Users:          &Users{c},
		Views:          &Views{c},
	}
}
