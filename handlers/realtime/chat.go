package realtime

import (
	"context"
	"encoding/json"
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
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
)

// ShowChat opens the socket of a ticket's page, which brings whatever happens on
// the ticket after the place ?after=. Opened as a page, it leads to the chat.
func (s *Realtime) ShowChat(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	t, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	if !websocket.IsWebSocketUpgrade(c.Request()) {
		return web.SeeOther(c, web.TicketURL(id)+"#chat")
	}
	f := s.follower(c, t)
	leave := s.enter(f)
	err = s.join(c, s.origins(c.Request()), live.JoinOptions{
		Topic: f.topic(), After: min(web.Place(c, "after"), t.LastSeq), Last: t.LastSeq, Follower: f,
		Message: s.hearClient, Left: leave,
	})
	if err != nil {
		leave()
	}
	return err
}

// FollowTickets opens the socket of a list, which says when it has changed.
func (s *Realtime) FollowTickets(c echo.Context) error {
	if !websocket.IsWebSocketUpgrade(c.Request()) {
		return web.SeeOther(c, "/tickets")
	}
	actor := web.ActorOf(c)
	topic := topicOf(topicUser, actor.ID)
	if actor.Can(account.SeeAllTickets) {
		topic = topicStaff
	}
	return s.join(c, s.origins(c.Request()), live.JoinOptions{Topic: topic, Follower: s.follower(c, desk.Ticket{}),
		Message: func(sock *live.Socket, _ any, _ []byte) {
			sock.Send(web.ProblemAnswer("unknown_type", "This socket takes no messages.", "").Frame())
		}})
}

// follower is who asks, as a socket remembers them: the request does not outlive
// its handler.
func (s *Realtime) follower(c echo.Context, t desk.Ticket) *follower {
	return &follower{actor: web.ActorOf(c), session: account.SessionName(s.Token(c)), ticketID: t.ID, staff: desk.SideOf(web.ActorOf(c), t) == desk.StaffSide}
}

// join counts a socket among the actions of its owner, and hands the connection
// over to the hub.
func (s *Realtime) join(c echo.Context, origins []string, j live.JoinOptions) error {
	if err := s.Desk.Requests.CountAction(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	j.User, j.Addr = web.ActorOf(c).ID, limit.Network(s.ClientIP(c))
	err := s.hub.Join(c.Response(), c.Request(), origins, j)
	var shake websocket.HandshakeError
	switch {
	case err == nil:
		c.Response().Status = http.StatusSwitchingProtocols // for the log: the hub has answered
		return nil
	case errors.As(err, &shake) && strings.Contains(err.Error(), "origin"):
		if site := c.Request().Header.Get("Sec-Fetch-Site"); !web.IsAPI(c) && (site == "" || site == "same-origin") {
			s.NoteOrigin(c.Request(), web.PageOrigin(c.Request()))
		}
		return echo.NewHTTPError(http.StatusForbidden, "Use the pages of the desk itself; they connect on their own.")
	case errors.As(err, &shake):
		return echo.NewHTTPError(http.StatusBadRequest, "Not a websocket handshake (RFC 6455).")
	case errors.Is(err, live.ErrTooMany):
		return err
	}
	// The connection was taken over and is closed: no answer can be written to it.
	c.Response().Committed = true
	return fmt.Errorf("%w: %w", web.ErrClientGone, err)
}

// origins are those whose pages may open a socket: the desk's own, to the scheme
// and the port.
func (s *Realtime) origins(r *http.Request) []string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	own := scheme + strings.ToLower(r.Host)
	if s.Public == "" || s.Public == own {
		return []string{own}
	}
	return []string{s.Public, own}
}

// envelope is what a client may say over its socket, by its type.
type envelope struct {
	Type        string `json:"type"`
	Message     string `json:"message"`     // "message": a chat line
	ClientMsgID string `json:"clientMsgId"` // its key: the same one again is stored once
	SenderID    *int64 `json:"senderId"`    // need not be said, and must not be another's
	TicketID    *int64 `json:"ticketId"`    // the same
	In          string `json:"in"`          // "typing": in the "chat" or a "comment"
	Seq         int64  `json:"seq"`         // "seen": the place up to which the log is in sight
}

// saying is how long the database may take over what a client says.
const saying = 5 * time.Second

// hearClient takes one message of a client.
func (s *Realtime) hearClient(sock *live.Socket, who any, text []byte) {
	if a := s.answerTo(speaker(sock, who), text); a != nil {
		sock.Send(a)
	}
}

// speaker is the follower who says something now.
func speaker(sock *live.Socket, who any) *follower {
	f := *who.(*follower)
	f.vouched = sock.RightsAreFresh()
	return &f
}

// answerTo does what a client says; nil where that needs no answer.
func (s *Realtime) answerTo(f *follower, text []byte) *live.Frame {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return web.ProblemAnswer("malformed", "Send a JSON object with a known type.", "").Frame()
	}
	ctx, cancel := context.WithTimeout(context.Background(), saying)
	defer cancel()
	switch e.Type {
	case "message":
		return s.hearLine(ctx, f, e).Frame()
	case "typing":
		s.writes(f, e.In)
	case "seen":
		if err := s.sees(ctx, f, e.Seq, s.hub.Last(f.topic())); err != nil {
			return s.refused(err, "").Frame()
		}
	case "ping":
		return pong
	default:
		return web.ProblemAnswer("unknown_type", "We take message, typing, seen and ping.", e.ClientMsgID).Frame()
	}
	return nil
}

// pong lets a page know that its socket still leads somewhere: browsers answer the
// server's pings by themselves, and tell nobody.
var pong = web.JSONAnswer{Type: "pong"}.Frame()

// hearLine stores a chat line and answers it: ack means committed.
func (s *Realtime) hearLine(ctx context.Context, f *follower, e envelope) web.JSONAnswer {
	switch {
	case e.SenderID != nil && *e.SenderID != f.actor.ID:
		return web.ProblemAnswer("not_you", "senderId is another account. Nothing was stored.", e.ClientMsgID)
	case e.TicketID != nil && *e.TicketID != f.ticketID:
		return web.ProblemAnswer("other_ticket", "ticketId is not the ticket of this socket. Nothing was stored.", e.ClientMsgID)
	}
	if err := s.mayStill(ctx, f); err != nil {
		return s.refused(err, e.ClientMsgID)
	}
	event, err := s.Desk.Comments.Add(ctx, f.actor, f.ticketID, desk.MessageInput{Text: e.Message, SubmissionID: e.ClientMsgID})
	if err != nil {
		return s.refused(err, e.ClientMsgID)
	}
	s.presence.StopWriting(f.topic(), f.actor.ID)
	return web.JSONAnswer{Type: "ack", ClientMsgID: e.ClientMsgID, Seq: event.Seq}
}

// mayStill asks whether who opened the socket would still be let in, unless the
// hub has just looked.
func (s *Realtime) mayStill(ctx context.Context, f *follower) error {
	if f.vouched {
		return nil
	}
	v, err := s.standings(ctx, []*follower{f})
	if err != nil {
		return err
	}
	switch {
	case !v[0].SignedIn:
		return fault.ErrSignedOut
	case !v[0].MayRead:
		return fault.ErrNotFound
	}
	return nil
}

// refused names an error for programs. Its words are those of the pages.
func (s *Realtime) refused(err error, key string) web.JSONAnswer {
	p := web.Table(err)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error("over a socket", "error", err)
	}
	return web.ProblemAnswer(errorNames[p.Status], p.Text, key)
}

var errorNames = map[int]string{
	http.StatusUnauthorized: "signed_out", http.StatusForbidden: "forbidden", http.StatusNotFound: "not_found", http.StatusConflict: "conflict",
	http.StatusRequestEntityTooLarge: "too_large", http.StatusUnprocessableEntity: "invalid",
	http.StatusTooManyRequests: "too_fast", http.StatusServiceUnavailable: "unavailable", http.StatusInsufficientStorage: "unavailable", http.StatusInternalServerError: "internal",
}
