package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// explainAPI answers a failed request of an API client with the status and the text of the
// error table, or with the messages of wrong fields as text.
func (s *Env) explainAPI(c echo.Context, err error, p Problem) error {
	out, status := JSONError{Error: p.APIText}, p.APIStatus
	if c.Param("id") != "" && ActorOf(c).ID != 0 && !ActorOf(c).Can(account.WorkAsStaff) {
		status = p.CustomerStatus
	}
	if inv, ok := AsInvalid(err); ok {
		out.Fields = map[string]string{}
		for _, f := range inv.Fields {
			out.Fields[f.Field] = f.Message
		}
		out.Error = fieldMessages(inv)
	}
	switch status {
	case http.StatusUnauthorized:
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="frontdesk"`)
	case http.StatusMethodNotAllowed:
		out.Error = strings.ReplaceAll(out.Error, "{method}", c.Request().Method)
	case http.StatusInternalServerError:
		if !reads(c.Request()) {
			out.Error += " Nothing was saved."
		}
		out.Error += " Reference: " + reference(c)
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
