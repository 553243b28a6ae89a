package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
	"frontdesk/views"
)

// ShowUnsubscribe shows the page of a link that ends mails to staff. Only its button changes
// something, because programs open the links of mails.
func (s *Preferences) ShowUnsubscribe(c echo.Context) error {
	return s.unsubscribed(c, s.Desk.Mail.CheckUnsubscribe(c.Param("token")), false)
}

// Unsubscribe ends the mails of the link. Mail services send it without a session (RFC 8058).
func (s *Preferences) Unsubscribe(c echo.Context) error {
	return s.unsubscribed(c, s.Desk.Mail.Unsubscribe(c.Request().Context(), c.Param("token")), true)
}

// unsubscribed shows the page of a link, unless err is another error than that of a wrong token.
func (s *Preferences) unsubscribed(c echo.Context, err error, done bool) error {
	s.SetVisitorFrame(c)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return s.Render(c, http.StatusNotFound, views.UnsubscribeGone())
	case err != nil:
		return err
	}
	return s.Render(c, http.StatusOK, views.Unsubscribe(c.Param("token"), done))
}
