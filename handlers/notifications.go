package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/views"
)

// listNotifications is the page of the actor's notifications; ?before=KEY shows
// those before a sort key. An unknown key is the newest page.
func (s *server) listNotifications(c echo.Context) error {
	before, _ := number(c.QueryParam("before"), 1<<62)
	page, err := s.desk.Notifications.List(c.Request().Context(), actorOf(c), before, 0)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Notifications(page))
}

// readNotifications marks those notifications as read that the page has shown or that are older.
func (s *server) readNotifications(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	upto, _ := number(f.get("upto"), 1<<62)
	n, err := s.desk.Notifications.ReadAll(c.Request().Context(), actorOf(c), upto)
	if err != nil {
		return err
	}
	word := ""
	if n > 0 {
		word = "Marked " + counted(n, "notification") + " as read."
	}
	return s.done(c, "/notifications", word)
}

// counted returns "1 notification" or "2 notifications".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// readOne counts one notification less on the page, because showing the page reads it.
func readOne(c echo.Context) {
	f := *views.FrameOf(c.Request().Context())
	f.Unread = max(f.Unread-1, 0)
	c.SetRequest(c.Request().WithContext(views.WithFrame(c.Request().Context(), f)))
}
