package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/views"
)

// Tokens has the forms that make and revoke API tokens.
type Tokens struct{ *core }

// Make creates an API token and shows it in the answer to the form. It does not
// redirect, because the token would have to be stored until the next request.
func (s *Tokens) Make(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.TokenInput
	web.Bind(f, &in)
	token, err := s.Desk.Accounts.Tokens.Create(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "token", TokenName: in.Name, TokenDays: in.Days}, inv)
	}
	if err != nil {
		return err
	}
	return s.accountPage(c, http.StatusOK, views.AccountForm{MadeToken: token}, nil)
}

// Revoke revokes an API token.
func (s *Tokens) Revoke(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Accounts.Tokens.Revoke(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return web.Done(c, "/account", "The token is revoked.")
}
