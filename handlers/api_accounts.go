package handlers

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// apiRegister opens a customer's account and signs in.
func (s *server) apiRegister(c echo.Context) error {
	var in desk.RegisterInput
	if err := s.readInput(c, &in); err != nil {
		return err
	}
	who, err := s.desk.Register(c.Request().Context(), in, clientIP(c))
	if errors.Is(err, desk.ErrEmailTaken) {
		return echo.NewHTTPError(http.StatusConflict, "This address has an account already: sign in.")
	}
	if err != nil {
		return asAPI(err, in)
	}
	return s.answerToken(c, http.StatusCreated, who)
}

// apiLogin signs in.
func (s *server) apiLogin(c echo.Context) error {
	var in desk.SignInInput
	if err := s.readInput(c, &in); err != nil {
		return err
	}
	who, err := s.desk.SignIn(c.Request().Context(), in, clientIP(c))
	if err != nil {
		return asAPI(err, in)
	}
	return s.answerToken(c, http.StatusOK, who)
}

func (s *server) answerToken(c echo.Context, status int, who desk.SignedIn) error {
	token, err := s.signToken(who)
	if err != nil {
		return err
	}
	return c.JSON(status, apiToken{Token: token})
}

// readInput reads a body that carries no file.
func (s *server) readInput(c echo.Context, into any) error {
	return s.receive(c, "", func(got sent) error {
		return asAPI(got.into(into), reflect.ValueOf(into).Elem().Interface())
	})
}
