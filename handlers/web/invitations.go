package web

import (
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
)

// InvitationTime returns how long a new link of an invitation is valid.
func (s *Env) InvitationTime() time.Duration {
	return time.Duration(s.Desk.Settings.Current().InvitationDays) * 24 * time.Hour
}

// InvitationURL returns the whole address of a link of an invitation.
func (s *Env) InvitationURL(c echo.Context, link account.Link) string {
	return s.Origins.Base(c) + "/invitations/" + link.Token
}
