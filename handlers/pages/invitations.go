package pages

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Invitations has the pages of invitations, for admins and for the people who are invited.
type Invitations struct{ *core }

// List shows the open invitations, and the form for a new one.
func (s *Invitations) List(c echo.Context) error {
	var page views.InvitationsPage
	if kept, ok := s.KeptForms.Restore(c, web.Has("email")); ok {
		web.Bind(kept, &page.Form)
	}
	return s.renderInvitations(c, http.StatusOK, page)
}

// renderInvitations shows the page of invitations with its form and a new link as in page.
func (s *Invitations) renderInvitations(c echo.Context, status int, page views.InvitationsPage) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	var err error
	if page.Open, err = s.Desk.Accounts.Invitations.List(ctx, actor); err != nil {
		return err
	}
	if page.Roles, err = s.Desk.Accounts.Roles.Choices(ctx, actor); err != nil {
		return err
	}
	if page.Teams, err = s.Desk.Teams.Others(ctx, actor, 0); err != nil {
		return err
	}
	page.Teams = slices.DeleteFunc(page.Teams, func(t desk.Team) bool { return !desk.MayManageTeam(actor, t) })
	page.Days = s.Desk.Settings.Current().InvitationDays
	if page.Link.Token != "" {
		page.URL = s.Origins.InvitationURL(c, page.Link)
	}
	return s.Render(c, status, views.InvitationList(page))
}

// Invite makes an invitation and shows its link in the answer to the form. It does not
// redirect, because the link is not stored.
func (s *Invitations) Invite(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.InviteInput
	web.Bind(f, &in)
	link, err := s.Desk.Accounts.Invitations.Invite(c.Request().Context(), web.ActorOf(c), in, s.Desk.Settings.Current().InvitationTime())
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderInvitations(c, http.StatusUnprocessableEntity, views.InvitationsPage{Form: in, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return s.renderInvitations(c, http.StatusCreated, views.InvitationsPage{Link: link})
}

// Renew replaces the link of an invitation, and shows the new one as [Invitations.Invite]
// does.
func (s *Invitations) Renew(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	link, err := s.Desk.Accounts.Invitations.Renew(c.Request().Context(), web.ActorOf(c), id, s.Desk.Settings.Current().InvitationTime())
	if err != nil {
		return err
	}
	return s.renderInvitations(c, http.StatusOK, views.InvitationsPage{Link: link})
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
	return web.Done(c, "/admin/invitations", "The invitation is revoked. Its link does not work any more.")
}

// Show shows the page of a link.
func (s *Invitations) Show(c echo.Context) error {
	return s.renderInvitation(c, http.StatusOK, views.InvitationPage{})
}

// renderInvitation shows the page of the link in the path, with its form as in page.
func (s *Invitations) renderInvitation(c echo.Context, status int, page views.InvitationPage) error {
	var err error
	page.Token = c.Param("token")
	page.Invitation, err = s.Desk.Accounts.Invitations.Get(c.Request().Context(), page.Token)
	if errors.Is(err, fault.ErrNotFound) {
		return s.Render(c, http.StatusNotFound, views.InvitationGone())
	}
	if err != nil {
		return err
	}
	return s.Render(c, status, views.InvitationAccept(page))
}

// Accept creates the account of an invitation, or gives the signed-in user its
// role, and starts a new session.
func (s *Invitations) Accept(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var page views.InvitationPage
	web.Bind(f, &page.Form)
	who, err := s.accept(c, page.Form)
	if inv, ok := web.AsInvalid(err); ok {
		page.Invalid = inv
		return s.renderInvitation(c, http.StatusUnprocessableEntity, page)
	}
	if errors.Is(err, fault.ErrNotFound) {
		return s.renderInvitation(c, http.StatusOK, page)
	}
	if errors.Is(err, fault.ErrEmailTaken) {
		i, err := s.Desk.Accounts.Invitations.Get(c.Request().Context(), c.Param("token"))
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusConflict, views.AddressTaken(i.Email))
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.Done(c, ui.Home(who.Actor), "Welcome! You have accepted the invitation.")
}

// accept accepts the invitation of the link in the path, as the signed-in user if the
// address has an account. A visitor has to sign in to that account first.
func (s *Invitations) accept(c echo.Context, in account.AcceptInput) (account.SignedIn, error) {
	ctx, actor, token := c.Request().Context(), web.ActorOf(c), c.Param("token")
	i, err := s.Desk.Accounts.Invitations.Get(ctx, token)
	switch {
	case err != nil:
		return account.SignedIn{}, err
	case i.UserID == 0:
		return s.Desk.Accounts.Invitations.AcceptAsNew(ctx, token, in, s.Addresses.IP(c))
	case actor.ID == 0:
		return account.SignedIn{}, fault.ErrSignedOut
	}
	return s.Desk.Accounts.Invitations.AcceptAsUser(ctx, actor, token)
}
