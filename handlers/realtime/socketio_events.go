package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/fault"
	"frontdesk/internal/socketio"
)

// The rate of a client's events. Messages have limits of their own, see [desk.Comments.Add].
const (
	eventsPerSecond = 100
	eventsBurst     = 200
	maxRefused      = 500 // refused events after which the connection is closed
)

// clientID is the id of a ticket or user as clients write it: a number, or a text of
// digits. Anything else is -1, which no ticket or user has, and null is 0.
type clientID int64

// UnmarshalJSON implements [json.Unmarshaler].
func (id *clientID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	n, err := strconv.ParseUint(text, 10, 63)
	*id = clientID(n)
	if err != nil {
		*id = -1
	}
	return nil
}

// clientMessage is the argument of the event "message".
type clientMessage struct {
	TicketID    clientID `json:"ticketId"`
	Message     string   `json:"message"`
	SenderID    clientID `json:"senderId"`    // optional; must be the client's user
	ClientMsgID string   `json:"clientMsgId"` // optional: an idempotency key
}

// clientAck is the acknowledgement of a successful event.
type clientAck struct {
	OK  bool  `json:"ok"`
	ID  int64 `json:"id,omitempty"`  // of the stored message
	Seq int64 `json:"seq,omitempty"` // its sequence number, or the last one of the room that was joined
}

// clientError is the answer to a refused event. It is sent as the acknowledgement and as the
// event "error_message".
type clientError struct {
	Event       string `json:"event,omitempty"`
	TicketID    int64  `json:"ticketId,omitempty"`
	ClientMsgID string `json:"clientMsgId,omitempty"`
	Error       string `json:"error"`   // a name for programs
	Message     string `json:"message"` // a sentence for people
}

// receiveEvent handles an event of a client.
func (s *roomServer) receiveEvent(ctx context.Context, sock *socketio.Socket, e *socketio.Event) {
	c := sock.Data.(*roomClient)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eventTime) // what was sent before the client has left is stored
	defer cancel()
	switch {
	case !c.rate.Take(time.Now()):
		if c.rate.Refused() > maxRefused {
			sock.Disconnect()
		}
		c.refuse(e, 0, web.ProblemAnswer("too_fast", "Too many events a second. This one was not taken.", ""))
	case len(e.Attachments) > 0:
		c.refuse(e, 0, web.ProblemAnswer("binary", "Files are sent with the API: POST /api/tickets/:id/attachment.", ""))
	case e.Name == "join-room":
		s.receiveJoin(ctx, c, e)
	case e.Name == "message":
		s.receiveChat(ctx, c, e)
	default:
		c.refuse(e, 0, web.ProblemAnswer("unknown_event", "We take join-room and message.", ""))
	}
}

// receiveJoin handles "join-room" with the id of a ticket. The client gets the event
// "joined" as well: it carries the offset with which the client recovers the room.
func (s *roomServer) receiveJoin(ctx context.Context, c *roomClient, e *socketio.Event) {
	var id clientID
	if len(e.Args) == 0 || json.Unmarshal(e.Args[0], &id) != nil || id <= 0 {
		c.refuse(e, 0, web.ProblemAnswer("malformed", "join-room takes the id of a ticket.", ""))
		return
	}
	if err := s.joinRoom(ctx, c, int64(id), fromNow); err != nil {
		s.refuseEvent(c, e, int64(id), err)
		return
	}
	seq, err := c.joined(int64(id))
	if err != nil {
		s.refuseEvent(c, e, int64(id), err)
		return
	}
	s.acknowledge(e, clientAck{OK: true, Seq: seq})
}

// receiveChat handles "message": it stores a chat message. Everyone in the room gets it
// through the hub, the sender included.
func (s *roomServer) receiveChat(ctx context.Context, c *roomClient, e *socketio.Event) {
	var m clientMessage
	if len(e.Args) == 0 || json.Unmarshal(e.Args[0], &m) != nil || m.TicketID <= 0 {
		c.refuse(e, 0, web.ProblemAnswer("malformed", "message takes an object with ticketId and message.", ""))
		return
	}
	sub, err := s.speaker(ctx, c, int64(m.TicketID))
	if err != nil {
		s.refuseEvent(c, e, int64(m.TicketID), err)
		return
	}
	in := envelope{Message: m.Message, ClientMsgID: m.ClientMsgID, SenderID: int64(m.SenderID)}
	a := s.receiveMessage(ctx, sub, in)
	if a.Type != "ack" {
		c.refuse(e, int64(m.TicketID), a)
		return
	}
	s.acknowledge(e, clientAck{OK: true, ID: web.EntryNumber(sub.ticketID, a.Seq), Seq: a.Seq})
}

// speaker returns the subscriber for a message to a ticket: that of the room, or else one of
// which the rights have just been read.
func (s *roomServer) speaker(ctx context.Context, c *roomClient, ticketID int64) (*subscriber, error) {
	c.mu.Lock()
	r := c.rooms[ticketID]
	c.mu.Unlock()
	if r != nil {
		<-r.ready
		return &subscriber{actor: c.actor, ticketID: ticketID, kind: roomSocket, credential: c.shown, checked: r.subscription.RightsAreFresh()}, nil
	}
	ticket, err := s.ticketFor(ctx, c, ticketID)
	if err != nil {
		return nil, err
	}
	sub := c.subscriber(ticket)
	sub.checked = true
	return sub, nil
}

// refuseEvent answers an event that ended with an error. If the user has signed out, it
// ends the connection.
func (s *roomServer) refuseEvent(c *roomClient, e *socketio.Event, ticketID int64, err error) {
	if errors.Is(err, fault.ErrSignedOut) || errors.Is(err, fault.ErrCredentials) {
		c.refuse(e, ticketID, web.ProblemAnswer("signed_out", errBadToken.Message, ""))
		c.sock.Disconnect()
		return
	}
	c.refuse(e, ticketID, s.refused(&subscriber{actor: c.actor, ticketID: ticketID}, err, ""))
}

// refuse answers an event with an error.
func (c *roomClient) refuse(e *socketio.Event, ticketID int64, a web.JSONAnswer) {
	_ = e.Ack(newClientError(e.Name, ticketID, a)) // it has JSON
	c.sendError(e.Name, ticketID, a)
}

// sendError sends an error as an event.
func (c *roomClient) sendError(event string, ticketID int64, a web.JSONAnswer) {
	_ = c.sock.Emit("error_message", newClientError(event, ticketID, a)) // it has JSON
}

func newClientError(event string, ticketID int64, a web.JSONAnswer) clientError {
	return clientError{Event: event, TicketID: ticketID, ClientMsgID: a.ClientMsgID, Error: a.Error, Message: a.Message}
}

// acknowledge answers a successful event.
func (s *roomServer) acknowledge(e *socketio.Event, a clientAck) {
	if err := e.Ack(a); err != nil {
		s.Log.Error("Socket.IO event not acknowledged", "event", e.Name, "error", err)
	}
}
