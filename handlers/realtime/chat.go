package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/live"
)

// ShowChat opens the socket of a ticket's page. The socket sends the events of the ticket
// that follow the sequence number ?after=. A request that is not a websocket handshake is
// redirected to the chat on the ticket's page.
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
	sub, after := s.subscriber(c, t), min(web.SeqParam(c, "after"), t.LastSeq)
	leave := s.Presence.enter(sub)
	err = s.join(c, s.origins(c.Request()), live.JoinOptions{
		Topic: sub.topic(), After: after, Last: t.LastSeq, Subscriber: sub,
		Message: s.receiveFromPage, Left: leave,
	})
	if err != nil {
		leave()
	}
	return err
}

// receiveFromPage handles one message of a page and sends the answer, if there is one.
func (s *Realtime) receiveFromPage(sock *live.Socket, who any, text []byte) {
	if a := s.answerTo(sender(sock, who), text); a != nil {
		sock.Send(a)
	}
}

// answerTo handles one message of a page and returns the answer, or nil for a type that
// is not answered.
func (s *Realtime) answerTo(sub *subscriber, text []byte) *live.Frame {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return web.ProblemAnswer("malformed", "Send a JSON object with a known type.", "").Frame()
	}
	ctx, cancel := context.WithTimeout(context.Background(), messageTimeout)
	defer cancel()
	switch e.Type {
	case "message":
		return s.receiveMessage(ctx, sub, e).Frame()
	case "typing":
		s.Presence.showTyping(sub, e.In)
	case "seen":
		if err := s.markSeen(ctx, sub, e.Seq, s.hub.Last(sub.topic())); err != nil {
			return s.refused(sub, err, "").Frame()
		}
	case "ping":
		return pong
	default:
		return web.ProblemAnswer("unknown_type", "We take message, typing, seen and ping.", e.ClientMsgID).Frame()
	}
	return nil
}

// pong is the answer to "ping". A page uses it to find out whether its socket still
// works, because scripts do not see the pings of the websocket protocol.
var pong = web.JSONAnswer{Type: "pong"}.Frame()

// receiveMessage stores a chat message and returns the answer: "ack" after the commit, or
// "error" if nothing was stored.
func (s *core) receiveMessage(ctx context.Context, sub *subscriber, e envelope) web.JSONAnswer {
	if err := web.CheckMessageIDs(sub.actor, sub.ticketID, e.SenderID, e.TicketID); err != nil {
		return s.refused(sub, err, e.ClientMsgID)
	}
	if err := s.mayRead(ctx, sub); err != nil {
		return s.refused(sub, err, e.ClientMsgID)
	}
	event, err := s.Desk.Comments.Add(ctx, sub.actor, sub.ticketID, desk.MessageInput{Text: e.Message, SubmissionID: e.ClientMsgID})
	if err != nil {
		return s.refused(sub, err, e.ClientMsgID)
	}
	s.presence.StopWriting(topicOf(topicTicket, sub.ticketID), sub.actor.ID)
	return web.JSONAnswer{Type: "ack", ClientMsgID: e.ClientMsgID, Seq: event.Seq}
}

// mayRead returns [fault.ErrSignedOut] or [fault.ErrNotFound] if the subscriber may no
// longer read the ticket. It does not look again if the hub has just checked.
func (s *core) mayRead(ctx context.Context, sub *subscriber) error {
	if sub.checked {
		return nil
	}
	v, err := s.checkSubscriptions(ctx, []*subscriber{sub})
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

// refused returns the answer to a message of sub that ended with an error: a name for clients,
// and the text that pages show for the same error.
func (s *core) refused(sub *subscriber, err error, key string) web.JSONAnswer {
	p := web.Table(err)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error("socket message failed", "ticket", sub.ticketID, "user", sub.actor.ID, "error", err)
	}
	name := errorNames[p.Status]
	switch {
	case errors.Is(err, web.ErrOtherSender):
		name = "not_you"
	case errors.Is(err, web.ErrOtherTicket):
		name = "other_ticket"
	}
	return web.ProblemAnswer(name, p.Text, key)
}

// errorNames are the names of errors in answers, by HTTP status.
var errorNames = map[int]string{
	http.StatusUnauthorized: "signed_out", http.StatusForbidden: "forbidden", http.StatusNotFound: "not_found", http.StatusConflict: "conflict",
	http.StatusRequestEntityTooLarge: "too_large", http.StatusUnprocessableEntity: "invalid",
	http.StatusTooManyRequests: "too_fast", http.StatusServiceUnavailable: "unavailable", http.StatusInsufficientStorage: "unavailable", http.StatusInternalServerError: "internal",
}
