package pages

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// ListMails shows outgoing mail, the newest first. A desk without mail has no such page.
func (s *Pages) ListMails(c echo.Context) error {
	if !s.Desk.Mail.Enabled() {
		return fault.ErrNotFound
	}
	page := views.MailsPage{Filter: desk.MailFilter{State: desk.MailState(c.QueryParam("state")), Email: strings.TrimSpace(c.QueryParam("q")), Before: web.SeqParam(c, "before")}}
	var err error
	page.Mails, page.More, err = s.Desk.Mail.List(c.Request().Context(), web.ActorOf(c), page.Filter)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.MailList(page))
}

// DecideOnListedMail withdraws a mail of the list, or sends it again.
func (s *Pages) DecideOnListedMail(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	do := desk.MailDecision(f.Get("do"))
	if err := s.Desk.Mail.Decide(c.Request().Context(), web.ActorOf(c), id, do); err != nil {
		return err
	}
	if do == desk.WithdrawMail {
		return s.Done(c, "/admin/mail", "The mail is withdrawn.")
	}
	return s.Done(c, "/admin/mail", "The mail is sent again.")
}
