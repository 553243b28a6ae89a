// Package pages has the handlers of the HTML pages, one file for each noun.
package pages

import (
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
)

// Pages has the handlers of the pages.
type Pages struct {
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
func New(env *web.Env, presence Presence) *Pages { return &Pages{Env: env, presence: presence} }
