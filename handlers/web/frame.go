package web

import (
	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/views/ui"
)

// Frame returns what the layout shows, for the actor and the theme of the request.
func (s *Env) Frame(c echo.Context, actor account.Actor) ui.Frame {
	f := s.BaseFrame(actor)
	if cookie, err := c.Cookie(ThemeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		f.Theme = cookie.Value
	}
	return f
}

// SetVisitorFrame sets the frame of a page on which no session is looked up. It is the same for all users but for the theme.
func (s *Env) SetVisitorFrame(c echo.Context) {
	c.SetRequest(c.Request().WithContext(ui.WithFrame(c.Request().Context(), s.Frame(c, account.Actor{}))))
}

// BaseFrame returns what the layout shows outside of a request.
func (s *Env) BaseFrame(actor account.Actor) ui.Frame {
	f := ui.Frame{Actor: actor, DeskName: s.Cfg.DeskName, HelpURL: s.Cfg.HelpURL, Mail: s.Desk.Mail.Enabled(), Now: s.Desk.Now(), Location: s.Cfg.Location}
	if actor.Can(account.ManageMailboxes) && !actor.MustChangePassword {
		f.StoppedMailboxes = s.Desk.Mail.Stopped()
	}
	return f
}

// keyActor is the key of the [account.Actor] of a request in its context.
const keyActor = "actor"

// SetActor sets the actor of the request.
func SetActor(c echo.Context, actor account.Actor) { c.Set(keyActor, actor) }

// ActorOf returns the actor of the request. The zero Actor is a visitor.
func ActorOf(c echo.Context) account.Actor {
	actor, _ := c.Get(keyActor).(account.Actor)
	return actor
}
