package pages

import (
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/fault"
	"frontdesk/views/ui"
)

// DemoSignIn signs in the user of a link of a throw-away desk. The route exists only if
// there are such links.
func (s *Pages) DemoSignIn(c echo.Context) error {
	in, ok := s.Cfg.DemoLinks[c.Param("token")]
	if !ok {
		return fault.ErrNotFound
	}
	who, err := s.Desk.Accounts.SignIn(c.Request().Context(), in, s.ClientIP(c))
	if err != nil {
		return err
	}
	if err := s.Begin(c, who); err != nil {
		return err
	}
	return web.SeeOther(c, ui.Home(who.Actor))
}
