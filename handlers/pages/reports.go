package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/views"
)

// Reports has the page of reports.
type Reports struct{ *core }

// Show shows staff the figures and charts of the desk.
func (s *Reports) Show(c echo.Context) error {
	board, err := s.Desk.Dashboard(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.Reports(views.ReportsPage{Dashboard: board}))
}
