package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// Followers has the endpoints of the followers of a ticket.
type Followers struct{ *core }

// List lists the followers of a ticket by name.
func (s *Followers) List(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	all, err := s.Desk.Followers.List(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	out := make([]web.JSONFollower, 0, len(all))
	for _, f := range all {
		if !f.Muted {
			out = append(out, web.JSONFollower{ID: f.ID, Username: f.Username, Reason: f.Reason})
		}
	}
	return sendJSON(c, http.StatusOK, out)
}

// Follow makes the actor a follower of a ticket.
func (s *Followers) Follow(c echo.Context) error { return s.setFollowing(c, "yes") }

// Unfollow ends the notifications of the actor about a ticket.
func (s *Followers) Unfollow(c echo.Context) error { return s.setFollowing(c, "no") }

func (s *Followers) setFollowing(c echo.Context, follow string) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Followers.Set(c.Request().Context(), web.ActorOf(c), id, desk.FollowInput{Follow: follow}); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
