package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/views"
)

// Preferences has the pages on which users choose the events of which they get
// notifications and mails.
type Preferences struct{ *core }

// Show shows the events of which the user gets notifications on pages and by mail.
func (s *Preferences) Show(c echo.Context) error {
	p, err := s.Desk.Accounts.Preferences(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	if kept, ok := s.KeptForms.Restore(c, web.AnyForm); ok {
		typed := s.typedPreferences(kept)
		if typed.Page == nil {
			typed.Page = p.Page
		}
		p = typed
	}
	return s.Render(c, http.StatusOK, views.NotificationPreferences(p))
}

// Save stores the events of which the user gets notifications.
func (s *Preferences) Save(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	if err := s.Desk.Accounts.SavePreferences(c.Request().Context(), web.ActorOf(c), s.typedPreferences(f)); err != nil {
		return err
	}
	return web.Done(c, "/account/notifications", "Your choice is saved.")
}

// typedPreferences returns the preferences of a form. Checkboxes that are off are not in a form: the
// field page says that it had those of the page, which forms of the previous version lack.
func (s *Preferences) typedPreferences(f web.Form) (p account.Preferences) {
	if s.Desk.Mail.Enabled() {
		p.Mail = new(account.MailPreferences)
		web.Bind(f, p.Mail)
	}
	if f.Get("page") == "true" {
		p.Page = new(account.PagePreferences)
		web.Bind(f, p.Page)
	}
	return p
}
