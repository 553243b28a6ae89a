package handlers

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// apiRegister opens a customer's account and signs in.
func (s *server) apiRegister(c echo.Context) error {
	ctx := c.Request().Context()
	return s.receive(c, "", func(got sent) error {
		var in account.RegisterInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		count := func() error { return s.desk.Accounts.CountRegister(ctx, s.clientIP(c)) }
		return s.onceCounted(c, got, count, func() (int, any, error) {
			who, err := s.desk.Accounts.Register(ctx, in, s.clientIP(c))
			if errors.Is(err, fault.ErrEmailTaken) {
				err = echo.NewHTTPError(http.StatusConflict, "This address already has an account: sign in.")
			}
			return s.tokenFor(who, http.StatusCreated, asAPI(err, in))
		})
	})
}

// apiLogin signs in.
func (s *server) apiLogin(c echo.Context) error {
	ctx := c.Request().Context()
	return s.receive(c, "", func(got sent) error {
		var in account.SignInInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		count := func() error { return asAPI(s.desk.Accounts.CountSignIn(ctx, in, s.clientIP(c)), in) }
		return s.onceCounted(c, got, count, func() (int, any, error) {
			who, err := s.desk.Accounts.SignIn(ctx, in, s.clientIP(c))
			return s.tokenFor(who, http.StatusOK, asAPI(err, in))
		})
	})
}

// tokenFor answers with a token for who has just proved who they are, unless they did not.
func (s *server) tokenFor(who account.SignedIn, status int, err error) (int, any, error) {
	if err != nil {
		return 0, nil, err
	}
	token, err := s.signToken(who)
	return status, apiToken{Token: token}, err
}

// readInput reads a body that carries no file.
func (s *server) readInput(c echo.Context, into any) error {
	return s.receive(c, "", func(got sent) error {
		return asAPI(got.into(into), reflect.ValueOf(into).Elem().Interface())
	})
}
