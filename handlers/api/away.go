package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// Away has the endpoints for the absence of the actor.
type Away struct{ *core }

// JSONAway is whether a member of staff is away.
type JSONAway struct {
	Away bool    `json:"away"`
	Back *string `json:"back" doc:"The day on which you return, as YYYY-MM-DD; null if you have named no day."`
}

// JSONAwayInput changes whether a member of staff is away. Fields that are not sent stay as they are.
type JSONAwayInput struct {
	Away bool `form:"away" json:"away" doc:"Away, you get no tickets automatically, and your tickets that are reopened go to their team."`
	desk.AwayInput
}

// Show answers with whether the actor is away.
func (s *Away) Show(c echo.Context) error {
	now, err := s.away(c)
	if err != nil {
		return err
	}
	out := JSONAway{Away: now.Away}
	if now.Back != "" {
		out.Back = &now.Back
	}
	return sendJSON(c, http.StatusOK, out)
}

// away returns whether the actor is away.
func (s *Away) away(c echo.Context) (out JSONAwayInput, err error) {
	until, err := s.Desk.Away(c.Request().Context(), web.ActorOf(c))
	out.Away = until.After(s.Desk.Now())
	if out.Away && !desk.IsOpenEnd(until) {
		out.Back = until.In(s.Cfg.Location).Format(time.DateOnly)
	}
	return out, err
}

// Set makes the actor away, or present.
func (s *Away) Set(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	return s.receive(c, "", func(got requestData) error {
		in, err := s.away(c)
		if err != nil {
			return err
		}
		wasBack := in.Back
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		switch {
		case in.Away:
			err = s.Desk.SetAway(ctx, actor, in.AwayInput)
		case in.Back != "" && in.Back != wasBack:
			err = fault.NewInvalid("back", "A day of return needs \"away\": true. Send both.")
		default:
			err = s.Desk.Return(ctx, actor)
		}
		if err != nil {
			return asAPI(err, in)
		}
		return s.Show(c)
	})
}
