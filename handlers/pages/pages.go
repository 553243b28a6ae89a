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

// Presence knows who is at a ticket.
type Presence interface {
	// Present returns who is at a ticket, as a reader on one side sees it.
	Present(ticketID int64, staff bool) views.Presence
	// Visit notes that the actor's page of a ticket has polled for news.
	Visit(c echo.Context, t desk.Ticket)
	// See notes that the actor has seen a ticket's log up to seq.
	See(c echo.Context, t desk.Ticket, seq int64) error
	// Wrote notes that a user has sent what they were writing on a ticket.
	Wrote(ticketID, user int64)
}

// New returns the handlers of the pages.
func New(env *web.Env, presence Presence) *Pages { return &Pages{Env: env, presence: presence} }
