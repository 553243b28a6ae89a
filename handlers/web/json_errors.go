package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// explainAPI answers a failed request of an API client with the text of the error table and the
// status of [apiStatus].
func (s *Env) explainAPI(c echo.Context, err error, p problem) error {
	out := JSONError{Error: p.title + ". " + p.Text}
	status := apiStatus(c, err, p.Status)
	var inv *fault.Invalid
	if errors.As(err, &inv) {
		out.Fields = map[string]string{}
		for _, f := range inv.Fields {
			out.Fields[f.Field] = f.Message
		}
		out.Error = fieldMessages(inv)
	}
	var httpErr *echo.HTTPError
	if errors.As(err, &httpErr) {
		out.Error = p.Text
	}
	switch {
	case status == http.StatusUnauthorized:
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="frontdesk"`)
		out.Error = unauthorized(c)
	case errors.Is(err, fault.ErrNotFound):
		out.Error = "Not found, or not visible to your account."
	case status == http.StatusNotFound:
		out.Error = "There is no such endpoint."
	case status == http.StatusMethodNotAllowed:
		out.Error = "This endpoint does not accept " + c.Request().Method + "."
	case errors.Is(err, fault.ErrKeyReused):
		out.Error = "This Idempotency-Key (or clientMsgId) was used for a different request. Use a new one for each request."
	case status == http.StatusInternalServerError:
		out.Error = "Something went wrong on our side. Nothing was saved. Reference: " + reference(c)
	}
	var stale *desk.Stale
	if errors.As(err, &stale) {
		if t, err := s.Desk.Lists.Full(c.Request().Context(), ActorOf(c), stale.Current.ID); err == nil {
			body := NewJSONTicket(t, ActorOf(c))
			out.Ticket = &body
		}
	}
	out.Message = out.Error
	c.Response().Header().Set("Cache-Control", "no-store")
	return SendUntagged(c, status, out)
}

// apiStatus returns the status of a failure in the API, given that of the page. As in the
// first system, invalid input is 400, and a ticket that does not exist or belongs to
// another account is 403 for a customer.
func apiStatus(c echo.Context, err error, page int) int {
	switch {
	case errors.Is(err, fault.ErrKeyReused):
		return http.StatusUnprocessableEntity
	case errors.Is(err, fault.ErrEmailTaken):
		return http.StatusConflict
	case page == http.StatusUnprocessableEntity:
		return http.StatusBadRequest
	case page == http.StatusNotFound && c.Param("id") != "" && ActorOf(c).ID != 0 && !ActorOf(c).Can(account.WorkAsStaff):
		return http.StatusForbidden
	}
	return page
}

// unauthorized returns the text of a 401: about the password when signing in, otherwise
// about the token.
func unauthorized(c echo.Context) string {
	if c.Path() == "/api/auth/login" {
		return "Wrong e-mail address or password."
	}
	return "Send a valid bearer token: sign in at /api/auth/login to get one."
}
