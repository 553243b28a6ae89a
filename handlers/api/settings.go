package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/settings"
)

// Settings has the endpoints of the desk's settings.
type Settings struct{ *core }

// JSONSettings is the answer with the settings of the desk.
type JSONSettings struct {
	settings.Values
	Version int `json:"version" doc:"Changes with each change of the settings."`
}

// JSONSettingsUpdate is a change of the settings. Fields that are not sent stay as they are.
type JSONSettingsUpdate struct {
	settings.Values
	Version int `form:"version" json:"version" rules:"min=1" doc:"The version of the settings that you change. Without it your change applies to the settings as they are."`
}

// Show answers with the settings.
func (s *Settings) Show(c echo.Context) error {
	saved, err := s.Desk.Settings.Get(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, JSONSettings{saved.Values, saved.Version})
}

// Save changes the settings that were sent.
func (s *Settings) Save(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	return s.receive(c, "", func(got requestData) error {
		current, err := s.Desk.Settings.Get(ctx, actor)
		if err != nil {
			return err
		}
		in := JSONSettingsUpdate{Values: current.Values}
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		if in.Version == 0 {
			in.Version = current.Version // so that no field is replaced that was not sent
		}
		saved, err := s.Desk.Settings.Save(ctx, actor, in.Values, in.Version)
		if err != nil {
			return asAPI(err, in)
		}
		return sendJSON(c, http.StatusOK, JSONSettings{saved.Values, saved.Version})
	})
}
