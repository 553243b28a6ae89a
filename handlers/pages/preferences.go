package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// ShowPreferences shows the events of which the user gets mails. A desk without mail has no such page.
func (s *Pages) ShowPreferences(c echo.Context) error {
	if !s.Desk.Mail.Enabled() {
		return fault.ErrNotFound
	}
	p, err := s.Desk.Mail.Preferences(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	if kept, ok := s.KeptForm(c); ok {
		p = desk.MailPreferences{}
		web.Bind(kept, &p)
	}
	return s.Render(c, http.StatusOK, views.NotificationPreferences(p))
}

// SavePreferences stores the events of which the user gets mails.
func (s *Pages) SavePreferences(c echo.Context) error {
	if !s.Desk.Mail.Enabled() {
		return fault.ErrNotFound
	}
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var p desk.MailPreferences
	web.Bind(f, &p)
	if err := s.Desk.Mail.SavePreferences(c.Request().Context(), web.ActorOf(c), p); err != nil {
		return err
	}
	return s.Done(c, "/account/notifications", "Your choice is saved.")
}
