package pages

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/outbox"
	"frontdesk/views"
)

// System has the page about the state of the system.
type System struct{ *core }

// Show shows what is wrong with the desk and its machine, and the events that could
// not be delivered.
func (s *System) Show(c echo.Context) error {
	ctx := c.Request().Context()
	dead, err := s.Desk.Upkeep.DeadEvents(ctx, web.ActorOf(c))
	if err != nil {
		return err
	}
	page := views.SystemPage{Dead: dead}
	if s.Desk.Mail.Enabled() {
		mail, err := s.Desk.Mail.Counts(ctx, web.ActorOf(c))
		if err != nil {
			return err
		}
		page.Mail = &mail
	}
	if s.Cfg.Checks != nil {
		page.Findings, page.CheckedAt = s.Cfg.Checks.Findings(ctx, false)
	}
	return s.Render(c, http.StatusOK, views.System(page))
}

// Check runs the checks again.
func (s *System) Check(c echo.Context) error {
	if _, err := s.Forms.Read(c, nil); err != nil {
		return err
	}
	if s.Cfg.Checks != nil {
		s.Cfg.Checks.Findings(c.Request().Context(), true)
	}
	return web.Done(c, "/admin/system", "The desk is checked again.")
}

// RetryEvents requests another delivery of one dead event, or of all.
func (s *System) RetryEvents(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	which := outbox.Which{Consumer: f.Get("consumer"), TicketID: number(f.Get("ticket")), Seq: number(f.Get("seq"))}
	n, err := s.Desk.Upkeep.RetryDeadEvents(c.Request().Context(), web.ActorOf(c), which)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d events are delivered again. Reload this page in a moment.", n)
	switch n {
	case 0:
		text = "There was nothing to deliver again."
	case 1:
		text = "The event is delivered again. Reload this page in a moment."
	}
	return web.Done(c, "/admin/system", text)
}

// number returns the positive number in text, or 0.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
