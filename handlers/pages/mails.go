package pages

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/mailout"
	"frontdesk/views"
)

// Mails has the pages of outgoing mails.
type Mails struct{ *core }

// List shows outgoing mail, the newest first.
func (s *Mails) List(c echo.Context) error {
	page := views.MailsPage{Filter: mailFilter(c)}
	var err error
	page.Mails, page.More, err = s.Desk.Mail.List(c.Request().Context(), web.ActorOf(c), page.Filter)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.MailList(page))
}

// mailFilter reads the filter of the list.
func mailFilter(c echo.Context) mailout.Filter {
	return mailout.Filter{State: mailout.State(c.QueryParam("state")), Email: strings.TrimSpace(c.QueryParam("q")), Before: web.SeqParam(c, "before")}
}

// Show shows all of one outgoing mail.
func (s *Mails) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	m, err := s.Desk.Mail.Show(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.MailShow(m))
}

// Decide withdraws a mail, or sends it again. It leads back to the
// list as it was filtered, or to the page of the mail.
func (s *Mails) Decide(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	back := views.MailsPage{Filter: mailFilter(c)}.URL()
	if f.Get("alone") == "true" {
		back = fmt.Sprintf("/admin/mail/%d", id)
	}
	do := mailout.Decision(f.Get("do"))
	if err := s.Desk.Mail.Decide(c.Request().Context(), web.ActorOf(c), id, do); err != nil {
		return err
	}
	if do == mailout.Withdraw {
		return web.Done(c, back, "The mail is withdrawn.")
	}
	return web.Done(c, back, "The mail is sent again.")
}
