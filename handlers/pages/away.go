package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
)

// Away has the page on which staff mark themselves as away.
type Away struct{ *core }

// Show shows whether the actor is away.
func (s *Away) Show(c echo.Context) error {
	var page views.AwayPage
	isShown := func(f web.Form) bool { return f.Get("back") != "" }
	if kept, ok := s.KeptForms.Restore(c, isShown); ok {
		page.Back = kept.Get("back")
	}
	return s.renderAway(c, http.StatusOK, page)
}

// renderAway shows the page with its form as in page.
func (s *Away) renderAway(c echo.Context, status int, page views.AwayPage) error {
	var err error
	if page.Until, err = s.Desk.Away(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	return s.Render(c, status, views.Away(page))
}

// Set makes the actor away, or present.
func (s *Away) Set(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if f.Get("do") == "return" {
		if err := s.Desk.Return(ctx, actor); err != nil {
			return err
		}
		return web.Done(c, "/account/away", "Welcome back.")
	}
	var in desk.AwayInput
	web.Bind(f, &in)
	err = s.Desk.SetAway(ctx, actor, in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderAway(c, http.StatusUnprocessableEntity, views.AwayPage{Back: in.Back, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/account/away", "You are away now. Colleagues see it.")
}
