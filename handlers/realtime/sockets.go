package realtime

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
)

// SubscribeToList opens the socket of a list of tickets. The socket sends a message when
// the list may have changed. A request that is not a websocket handshake is redirected to
// the list.
func (s *Realtime) SubscribeToList(c echo.Context) error {
	if !websocket.IsWebSocketUpgrade(c.Request()) {
		return web.SeeOther(c, "/tickets")
	}
	actor := web.ActorOf(c)
	topic := topicOf(topicUser, actor.ID)
	if actor.Can(account.WorkAsStaff) {
		topic = topicStaff
	}
	return s.join(c, s.origins(c.Request()), live.JoinOptions{Topic: topic, Subscriber: s.subscriber(c, desk.Ticket{}),
		Message: func(sock *live.Socket, _ any, _ []byte) {
			sock.Send(web.ProblemAnswer("unknown_type", "This socket takes no messages.", "").Frame())
		}})
}

// subscriber returns what a socket on the ticket t keeps of the request, which cannot be
// used after its handler returns.
func (s *core) subscriber(c echo.Context, t desk.Ticket) *subscriber {
	return &subscriber{actor: web.ActorOf(c), session: account.SessionName(s.Cookies.SessionToken(c)), ticketID: t.ID, staff: desk.SeesInternal(web.ActorOf(c), t), presence: &presenceText{}}
}

// join counts the socket as an action of the actor and passes the connection to the hub.
// It returns an error if the actor has too many actions or sockets, or if the request is
// not a websocket handshake from one of the given origins.
func (s *core) join(c echo.Context, origins []string, j live.JoinOptions) error {
	if err := s.Desk.Requests.CountAction(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	j.User, j.Addr = web.ActorOf(c).ID, limit.Network(s.Addresses.IP(c))
	err := s.hub.Join(c.Response(), c.Request(), origins, j)
	var shake websocket.HandshakeError
	switch {
	case err == nil:
		c.Response().Status = http.StatusSwitchingProtocols // for the log: the hub has answered
		return nil
	case errors.As(err, &shake) && strings.Contains(err.Error(), "origin"):
		if site := c.Request().Header.Get("Sec-Fetch-Site"); !web.IsAPI(c) && (site == "" || site == "same-origin") {
			s.Origins.Note(c, web.PageOrigin(c.Request()))
		}
		return echo.NewHTTPError(http.StatusForbidden, "Use the pages of the desk itself; they connect on their own.")
	case errors.As(err, &shake):
		return echo.NewHTTPError(http.StatusBadRequest, "Not a websocket handshake (RFC 6455).")
	case errors.Is(err, live.ErrTooMany):
		return err
	}
	// The hub has taken the connection and closed it, so no answer can be written.
	c.Response().Committed = true
	return fmt.Errorf("%w: %w", web.ErrClientGone, err)
}

// origins returns the origins whose pages may open a socket: those of the desk itself,
// with scheme and port.
func (s *core) origins(r *http.Request) []string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	own := scheme + strings.ToLower(r.Host)
	switch {
	case s.Origins.Public == "":
		return []string{own}
	case s.Origins.LacksTLS(own): // a proxy receives what is encrypted
		return []string{s.Origins.Public}
	}
	return []string{s.Origins.Public, own}
}

// envelope is a message from a client. Type decides which other fields are read.
type envelope struct {
	Type        string `json:"type"`
	Message     string `json:"message"`     // "message": the text of a chat message
	ClientMsgID string `json:"clientMsgId"` // "message": its idempotency key
	SenderID    int64  `json:"senderId"`    // "message": optional; must be the actor's id
	TicketID    int64  `json:"ticketId"`    // "message": optional; must be the socket's ticket
	In          string `json:"in"`          // "typing": "chat", "comment" or "note"
	Seq         int64  `json:"seq"`         // "seen": the last sequence number that the page has shown
}

// messageTimeout bounds the work of the database for one message of a client.
const messageTimeout = 5 * time.Second

// sender returns a copy of the socket's subscriber, with whether the hub has just checked
// its rights.
func sender(sock *live.Socket, who any) *subscriber {
	sub := *who.(*subscriber)
	sub.checked = sock.RightsAreFresh()
	return &sub
}
