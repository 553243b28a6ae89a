package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// Followers has the form with which the actor follows a ticket.
type Followers struct{ *core }

// Follow makes the actor a follower of a ticket, or ends that.
func (s *Followers) Follow(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in desk.FollowInput
	web.Bind(f, &in)
	var inv *fault.Invalid
	switch err := s.Desk.Followers.Set(c.Request().Context(), web.ActorOf(c), id, in); {
	case errors.As(err, &inv): // only a form that the desk has not made
		return echo.NewHTTPError(http.StatusBadRequest, "The form has neither Follow nor Unfollow.")
	case err != nil:
		return err
	case web.IsPartial(c):
		return s.showPart(c, views.Followers, func(*views.TicketPage) {})
	}
	return web.Done(c, ticketURL(c, id)+"#followers", followed(in))
}

// followed returns the message after [Followers.Follow].
func followed(in desk.FollowInput) string {
	if in.Follow == "yes" {
		return "You follow this ticket."
	}
	return "You are not notified of this ticket any more."
}
