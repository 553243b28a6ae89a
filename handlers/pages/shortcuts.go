package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/views"
)

// Shortcuts has the page of keyboard shortcuts.
type Shortcuts struct{ *core }

// Show shows the list of shortcuts.
func (s *Shortcuts) Show(c echo.Context) error {
	return s.Render(c, http.StatusOK, views.Shortcuts())
}

// SwitchShortcuts switches shortcuts of a single key on or off for the actor.
func (s *Account) SwitchShortcuts(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	on := f.Get("shortcuts") != "off"
	if err := s.Desk.Accounts.SwitchShortcuts(c.Request().Context(), web.ActorOf(c), on); err != nil {
		return err
	}
	if on {
		return web.Done(c, "/account", "Single keys are on.")
	}
	return web.Done(c, "/account", "Single keys are off.")
}
