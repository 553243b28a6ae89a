package handlers

import (
	"frontdesk/internal/account"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// apiSocketToken opens one socket in place of a bearer token.
type apiSocketToken struct {
	Ticket    string `json:"ticket" doc:"For ?ticket= of one socket."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds."`
}

// apiSocketTicket makes what a browser opens a socket with.
func (s *server) apiSocketTicket(c echo.Context) error {
	shown, err := s.credential(c)
	if err != nil {
		return err
	}
	return s.onceBare(c, func() (int, any, error) {
		ticket, err := s.desk.Accounts.SocketTicket(c.Request().Context(), actorOf(c), shown)
		return http.StatusCreated, apiSocketToken{ticket, int(account.SocketTicketTime / time.Second)}, err
	})
}
