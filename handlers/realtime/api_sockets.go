package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// Chat opens the socket of an API client on a ticket. The client authenticates with a bearer token
// or with ?ticket= from [api.Tokens.SocketTicket]. The socket sends the events after the
// sequence number ?after=, or without it the events from now on.
func (s *Realtime) Chat(c echo.Context) error {
	shown, err := s.socketCredential(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	actor, err := s.Desk.Accounts.Tokens.Bearer(ctx, shown)
	if err != nil {
		return err
	}
	web.SetActor(c, actor)
	if actor.MustChangePassword {
		return web.ErrNewPassword
	}
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	t, err := s.Desk.Tickets.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	if !c.IsWebSocket() {
		return echo.NewHTTPError(http.StatusUpgradeRequired, "This address is a websocket (RFC 6455).")
	}
	sub := &subscriber{actor: actor, ticketID: id, staff: desk.SeesInternal(actor, t), kind: apiSocket, credential: shown}
	after := t.LastSeq
	if c.QueryParams().Has("after") {
		after = min(web.SeqParam(c, "after"), t.LastSeq)
	}
	origins := append([]string{"", c.Request().Header.Get(echo.HeaderOrigin)}, s.Cfg.CORSOrigins...)
	return s.join(c, origins, live.JoinOptions{Topic: sub.topic(), After: after, Last: t.LastSeq, Subscriber: sub,
		Message: s.receiveFromAPI})
}

// socketCredential returns the credential of the bearer token, or of the socket ticket,
// which can be used once. The pages of other sites have neither, so any origin is accepted.
func (s *Realtime) socketCredential(c echo.Context) (account.Credential, error) {
	if ticket := c.QueryParam("ticket"); ticket != "" {
		return s.Desk.Accounts.Tokens.TakeSocketTicket(c.Request().Context(), ticket)
	}
	return s.SignedTokens.OfRequest(c)
}

// checkAPISocket reports whether the credential of an API client is still valid for the same
// account and role, and whether the account may read the ticket. With another role the client has to
// connect again, as with another credential.
//
// It reads the ticket before the credential. In the other order, LastSeq could be that of an entry
// that was written after the credential had ended.
func (s *core) checkAPISocket(ctx context.Context, sub *subscriber) (desk.SubscriptionState, error) {
	t, ticketErr := s.Desk.Tickets.Get(ctx, sub.actor, sub.ticketID)
	if ticketErr != nil && !errors.Is(ticketErr, fault.ErrNotFound) {
		return desk.SubscriptionState{}, ticketErr
	}
	actor, err := s.Desk.Accounts.Tokens.Bearer(ctx, sub.credential)
	if errors.Is(err, fault.ErrCredentials) || err == nil && (actor.ID != sub.actor.ID || actor.RoleKey() != sub.actor.RoleKey() || actor.MustChangePassword) {
		return desk.SubscriptionState{}, nil
	}
	if err != nil {
		return desk.SubscriptionState{}, err
	}
	return desk.SubscriptionState{SignedIn: true, MayRead: ticketErr == nil, LastSeq: t.LastSeq}, nil
}

// eventsFrame returns updates for an API client, with one event for each entry of the log.
func eventsFrame(page views.UpdatesPage, reader account.Actor) *live.Frame {
	texts := make([][]byte, 0, len(page.Updates.Entries))
	for _, e := range page.Updates.Entries {
		switch e.Kind {
		case event.KindMessage:
			texts = append(texts, eventText("message", e.Seq, web.NewJSONMessage(page.TicketID, e.Authored())))
		case event.KindComment:
			comment := web.NewJSONComment(page.TicketID, e.Authored(), reader)
			comment.User.Email = nil // the updates have no addresses
			texts = append(texts, eventText("comment", e.Seq, comment))
		case event.KindNote:
			note := web.NewJSONNote(page.TicketID, e.Authored())
			note.User.Email = nil // the updates have no addresses
			texts = append(texts, eventText("note", e.Seq, note))
		default:
			texts = append(texts, eventText("updated", e.Seq, web.JSONUpdated{TicketID: page.TicketID, Kind: string(e.Kind)}))
		}
	}
	return live.NewFrame(texts...)
}

// eventText returns an event as JSON. Events outside of the log have seq 0.
func eventText(name string, seq int64, data any) []byte {
	return web.ToJSON(web.JSONEvent{Event: name, Seq: seq, Data: web.ToJSON(data)})
}

// receiveFromAPI handles one event of an API client and sends the answer.
func (s *Realtime) receiveFromAPI(sock *live.Socket, who any, text []byte) {
	a := s.answerAPI(sender(sock, who), text)
	sock.Send(live.NewFrame(eventText(a.Type, 0, a)))
}

// answerAPI handles one event of an API client and returns the answer.
func (s *Realtime) answerAPI(sub *subscriber, text []byte) web.JSONAnswer {
	var in web.JSONEvent
	if err := json.Unmarshal(text, &in); err != nil {
		return web.ProblemAnswer("malformed", "Send a JSON object with event and data.", "")
	}
	ctx, cancel := context.WithTimeout(context.Background(), messageTimeout)
	defer cancel()
	switch in.Event {
	case "message":
		var e envelope
		if err := json.Unmarshal(in.Data, &e); err != nil {
			return web.ProblemAnswer("malformed", "The data of a message is an object with message.", "")
		}
		return s.receiveMessage(ctx, sub, e)
	case "join-room":
		var id int64
		if json.Unmarshal(in.Data, &id) != nil || id != sub.ticketID {
			return web.ProblemAnswer("other_ticket", "This socket follows one ticket: open another for another.", "")
		}
		return web.JSONAnswer{Type: "joined"}
	case "ping":
		return web.JSONAnswer{Type: "pong"}
	}
	return web.ProblemAnswer("unknown_event", "We take message, join-room and ping.", "")
}
