package pages

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/settings"
	"frontdesk/views"
)

// Settings has the page of the desk's settings.
type Settings struct{ *core }

// Show shows the form of the desk's settings.
func (s *Settings) Show(c echo.Context) error {
	var page views.SettingsPage
	if kept, ok := s.KeptForms.Restore(c, web.Has("version")); ok {
		page.Typed = kept.Values
	}
	return s.renderSettings(c, http.StatusOK, page)
}

// renderSettings shows the form with the settings as they are now, and over them what was
// typed in page.
func (s *Settings) renderSettings(c echo.Context, status int, page views.SettingsPage) error {
	var err error
	if page.Saved, err = s.Desk.Settings.Get(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	if page.Typed != nil && page.Typed.Get("version") != strconv.Itoa(page.Saved.Version) {
		page.Stale = true
	}
	return s.Render(c, status, views.Settings(page))
}

// settingsForm is the form of the settings.
type settingsForm struct {
	settings.Values
	Version int `form:"version"`
}

// Save saves the settings. If another user has changed them since the form was
// loaded, it is shown again with both values.
func (s *Settings) Save(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var form settingsForm
	web.Bind(f, &form)
	_, err = s.Desk.Settings.Save(c.Request().Context(), web.ActorOf(c), form.Values, form.Version)
	var stale *settings.Stale
	if errors.As(err, &stale) {
		return s.renderSettings(c, http.StatusConflict, views.SettingsPage{Typed: f.Values, Stale: true})
	}
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderSettings(c, http.StatusUnprocessableEntity, views.SettingsPage{Typed: f.Values, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/admin/settings", "The settings are saved.")
}
