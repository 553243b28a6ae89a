package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// Tokens has the endpoint that issues tickets for sockets.
type Tokens struct{ *core }

// JSONSocketToken opens one socket without a bearer token.
type JSONSocketToken struct {
	Ticket    string `json:"ticket" doc:"For ?ticket= of one socket."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds."`
}

// SocketTicket answers with a ticket with which a browser can open one socket.
func (s *Tokens) SocketTicket(c echo.Context) error {
	shown, err := s.SignedTokens.OfRequest(c)
	if err != nil {
		return err
	}
	return s.idempotentAnonymous(c, func() (int, any, error) {
		ticket, err := s.Desk.Accounts.Tokens.SocketTicket(c.Request().Context(), web.ActorOf(c), shown)
		return http.StatusCreated, JSONSocketToken{ticket, int(account.SocketTicketTime / time.Second)}, err
	})
}
