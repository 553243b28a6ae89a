package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Accounts has the endpoints that register users and issue tokens.
type Accounts struct{ *core }

// Register creates a customer's account and answers with a token.
func (s *Accounts) Register(c echo.Context) error {
	ctx := c.Request().Context()
	return s.receive(c, "", func(got requestData) error {
		var in account.RegisterInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		count := func() error { return s.Desk.Accounts.Registrations.CountRegister(ctx, s.Addresses.IP(c)) }
		return s.idempotentCounted(c, got, count, func() (int, any, error) {
			who, err := s.Desk.Accounts.Registrations.Register(ctx, in, s.Addresses.IP(c))
			if errors.Is(err, fault.ErrEmailTaken) {
				err = fault.ErrEmailTaken // without the wrong field, as in the first system
			}
			return s.tokenFor(who, http.StatusCreated, asAPI(err, in))
		})
	})
}

// Login answers with a token for an e-mail address and a password.
func (s *Accounts) Login(c echo.Context) error {
	ctx := c.Request().Context()
	return s.receive(c, "", func(got requestData) error {
		var in account.SignInInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		count := func() error { return asAPI(s.Desk.Accounts.CountSignIn(ctx, in, s.Addresses.IP(c)), in) }
		return s.idempotentCounted(c, got, count, func() (int, any, error) {
			who, err := s.Desk.Accounts.SignIn(ctx, in, s.Addresses.IP(c))
			if errors.Is(err, fault.ErrCredentials) {
				err = web.ErrPassword
			}
			return s.tokenFor(who, http.StatusOK, asAPI(err, in))
		})
	})
}

// tokenFor returns an answer with a token for a user who has just signed in, or err.
func (s *Accounts) tokenFor(who account.SignedIn, status int, err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	token, err := s.SignedTokens.Sign(who)
	return status, web.JSONToken{Token: token}, err
}
