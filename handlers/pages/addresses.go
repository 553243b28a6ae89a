package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// Addresses has the pages of the links that confirm an e-mail address.
type Addresses struct{ *core }

// Ask mails the actor a link to confirm their address, or drops the address that they
// have asked for.
func (s *Addresses) Ask(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	switch do := f.Get("do"); {
	case do == "keep":
		if err := s.Desk.Accounts.Addresses.Keep(ctx, actor); err != nil {
			return err
		}
		return web.Done(c, "/account", "Your address stays as it is.")
	case do != "confirm":
		return fault.NewInvalid("do", "Choose to confirm your address, or to keep it.")
	case !s.Desk.Mail.Enabled():
		return fault.ErrNotFound
	}
	mailed, err := s.Desk.Accounts.Addresses.AskToConfirm(ctx, actor)
	if inv, ok := web.AsInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "profile", Username: actor.Username, Email: actor.Email}, inv)
	}
	if err != nil {
		return err
	}
	if mailed == "" {
		return web.Done(c, "/account", "Your address is already confirmed.")
	}
	return web.Done(c, "/account", "We have mailed a link to "+mailed+". Open it to confirm your address.")
}

// ShowLink shows the page of a link that confirms or restores an address. It changes nothing.
func (s *Addresses) ShowLink(c echo.Context) error {
	s.Origins.SecretPage(c)
	link, err := s.Desk.Accounts.Addresses.Link(c.Request().Context(), c.Param("token"))
	if errors.Is(err, fault.ErrNotFound) {
		return s.Render(c, http.StatusNotFound, views.AddressLinkGone())
	}
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.AddressConfirm(c.Param("token"), link))
}

// UseLink confirms or restores an address. It starts no session, because a
// link does not prove that its user knows the password. After restoring it leads to the choice of a new password.
func (s *Addresses) UseLink(c echo.Context) error {
	s.Origins.SecretPage(c)
	if _, err := s.Forms.Read(c, nil); err != nil {
		return err
	}
	link, password, err := s.Desk.Accounts.Addresses.UseLink(c.Request().Context(), c.Param("token"))
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return s.Render(c, http.StatusNotFound, views.AddressLinkGone())
	case errors.Is(err, fault.ErrEmailTaken):
		return s.Render(c, http.StatusConflict, views.AddressTaken(link.Mail))
	case err != nil:
		return err
	case link.Use == account.LinkUndo:
		return web.Done(c, "/password/"+password, "Your address is restored, and all devices are signed out.")
	case link.Use == account.LinkAddress:
		return web.Done(c, "/login", "Your address is "+link.Mail+" now. Sign in with it from now on.")
	}
	return web.Done(c, "/login", "Your address is confirmed. Thank you.")
}
