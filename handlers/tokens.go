package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/views"
)

// makeToken makes a token and shows it on the page itself: one that went by a
// redirect would have to be kept somewhere.
func (s *server) makeToken(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in account.TokenInput
	bind(f, &in)
	token, err := s.desk.Accounts.CreateToken(c.Request().Context(), actorOf(c), in)
	if inv, ok := asInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "token", TokenName: in.Name, TokenDays: in.Days}, inv)
	}
	if err != nil {
		return err
	}
	return s.accountPage(c, http.StatusOK, views.AccountForm{MadeToken: token}, nil)
}

// revokeToken ends a token.
func (s *server) revokeToken(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.Accounts.RevokeToken(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return s.done(c, "/account", "The token is revoked.")
}
