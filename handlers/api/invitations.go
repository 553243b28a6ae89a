package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// Invitations has the endpoints of invitations.
type Invitations struct{ *core }

// JSONInvitation is an invitation that was neither accepted nor revoked.
type JSONInvitation struct {
	ID        int64        `json:"id"`
	Email     string       `json:"email"`
	Role      string       `json:"role" doc:"agent, admin, or the name of a role that admins have made."`
	Teams     []int64      `json:"teams" doc:"The ids of the teams that the person joins."`
	InvitedBy string       `json:"invitedBy" doc:"The name of the member of staff who made the link."`
	CreatedAt web.JSONTime `json:"createdAt"`
	ExpiresAt web.JSONTime `json:"expiresAt" doc:"From then on the link is not valid."`
	Expired   bool         `json:"expired"`
}

// JSONInvitationLink is a link of an invitation.
type JSONInvitationLink struct {
	ID        int64        `json:"id" doc:"Of the invitation."`
	Email     string       `json:"email"`
	URL       string       `json:"url" doc:"The link, which is valid once. It is not stored: you see it only in this answer."`
	ExpiresAt web.JSONTime `json:"expiresAt"`
}

// linkJSON returns a link of an invitation as the API writes it.
func (s *Invitations) linkJSON(c echo.Context, link account.Link) JSONInvitationLink {
	return JSONInvitationLink{link.ID, link.Email, s.Origins.InvitationURL(c, link), web.JSONTime(link.Expires)}
}

// List answers with the open invitations.
func (s *Invitations) List(c echo.Context) error {
	open, err := s.Desk.Accounts.Invitations.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	out := make([]JSONInvitation, len(open))
	for i, o := range open {
		out[i] = JSONInvitation{o.ID, o.Email, o.RoleName(), o.Teams, o.InvitedBy, web.JSONTime(o.CreatedAt), web.JSONTime(o.ExpiresAt), o.Expired}
	}
	return sendJSON(c, http.StatusOK, out)
}

// Invite makes an invitation and answers with its link.
func (s *Invitations) Invite(c echo.Context) error {
	return s.receive(c, "", func(got requestData) error {
		var in account.InviteInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return s.idempotent(c, got, func() (int, any, error) {
			link, err := s.Desk.Accounts.Invitations.Invite(c.Request().Context(), web.ActorOf(c), in, s.Desk.Settings.Current().InvitationTime())
			return http.StatusCreated, s.linkJSON(c, link), asAPI(err, in)
		})
	})
}

// Renew replaces the link of an invitation.
func (s *Invitations) Renew(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	link, err := s.Desk.Accounts.Invitations.Renew(c.Request().Context(), web.ActorOf(c), id, s.Desk.Settings.Current().InvitationTime())
	if err != nil {
		return err
	}
	return web.SendUntagged(c, http.StatusOK, s.linkJSON(c, link))
}

// Revoke makes the link of an invitation invalid.
func (s *Invitations) Revoke(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Accounts.Invitations.Revoke(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
