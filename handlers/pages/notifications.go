package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Notifications has the page of the actor's notifications.
type Notifications struct{ *core }

// List shows the actor's notifications. ?before=KEY shows those before a sort
// key; any other value shows the newest.
func (s *Notifications) List(c echo.Context) error {
	before, _ := web.Number(c.QueryParam("before"), 1<<62)
	page, err := s.Desk.Notifications.List(c.Request().Context(), web.ActorOf(c), before, 0)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.Notifications(page))
}

// Read marks those notifications as read that the page has shown or that are older. upto is 0
// on a page that has shown none, and marks all: the page has shown a number of unread ones.
func (s *Notifications) Read(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	upto, ok := web.Number(f.Get("upto"), 1<<62)
	if f.Get("upto") != "0" && (!ok || upto == 0) {
		return web.ErrBadForm
	}
	n, err := s.Desk.Notifications.ReadAll(c.Request().Context(), web.ActorOf(c), upto)
	if err != nil {
		return err
	}
	return web.Done(c, "/notifications", views.NotificationsRead(n))
}

// readOne shows one unread notification less on the page, because the page marks it as read.
func readOne(c echo.Context) {
	f := *ui.FrameOf(c.Request().Context())
	f.Unread = max(f.Unread-1, 0)
	c.SetRequest(c.Request().WithContext(ui.WithFrame(c.Request().Context(), f)))
}
