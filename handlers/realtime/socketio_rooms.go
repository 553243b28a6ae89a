package realtime

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/live"
	"frontdesk/internal/socketio"
	"frontdesk/views"
)

// room is the membership of a client in the room of a ticket: an outlet of the hub.
type room struct {
	client       *roomClient
	ticketID     int64
	seq          int64              // of the last message that was sent; protected by roomClient.mu
	subscription *live.Subscription // set before ready is closed
	ready        chan struct{}
	draining     atomic.Bool // a goroutine waits until the client's queue is empty
}

// fromNow joins a room without the messages that it has already.
const fromNow = -1

// joinRoom lets a client enter the room of a ticket, and sends the messages after the
// sequence number after. It does nothing if the client is in the room. A ticket that the
// client's user may not read is [fault.ErrNotFound].
func (s *roomServer) joinRoom(ctx context.Context, c *roomClient, ticketID, after int64) error {
	ticket, err := s.ticketFor(ctx, c, ticketID)
	if err != nil {
		return err
	}
	if after = min(after, ticket.LastSeq); after < 0 {
		after = ticket.LastSeq
	}
	r := &room{client: c, ticketID: ticketID, seq: after, ready: make(chan struct{})}
	if entered, err := c.enter(r); !entered {
		return err
	}
	sub := c.subscriber(ticket)
	r.subscription = s.hub.Subscribe(r, live.SubscribeOptions{Topic: sub.topic(), After: after, Last: ticket.LastSeq, Subscriber: sub, User: c.actor.ID})
	close(r.ready)
	return nil
}

// ticketFor returns a ticket if the client's user may read it, and otherwise
// [fault.ErrNotFound]. It reads the rights again: if those of the connection have ended, the
// error is [fault.ErrCredentials].
func (s *roomServer) ticketFor(ctx context.Context, c *roomClient, ticketID int64) (desk.Ticket, error) {
	actor, err := s.Desk.Accounts.Tokens.Bearer(ctx, c.shown)
	if err != nil {
		return desk.Ticket{}, err
	}
	if actor.RoleKey() != c.actor.RoleKey() {
		return desk.Ticket{}, fault.ErrCredentials
	}
	return s.Desk.Tickets.Get(ctx, actor, ticketID)
}

// enter adds a room. It returns false if the client is in the room already, and an error
// if it is in too many.
func (c *roomClient) enter(r *room) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rooms[r.ticketID] != nil {
		return false, nil
	}
	if len(c.rooms) >= roomsMost {
		return false, fault.NewInvalid("ticketId", fmt.Sprintf("At most %d rooms in one connection.", roomsMost))
	}
	c.rooms[r.ticketID] = r
	return true, nil
}

// roomUpdates has the chat messages of updates, encoded once for all clients of Socket.IO.
type roomUpdates []roomMessage

type roomMessage struct {
	seq   int64
	event *socketio.Message
}

// roomFrame returns the chat messages of updates for clients of Socket.IO, or nil if there
// are none. The first system sent no other entries.
func roomFrame(page views.UpdatesPage) *live.Frame {
	var updates roomUpdates
	for _, e := range page.Updates.Entries {
		if e.Kind != event.KindMessage {
			continue
		}
		m, err := socketio.NewMessage("message", web.NewJSONMessage(page.TicketID, e.Authored()))
		if err != nil {
			panic(err) // strings, numbers and a time
		}
		updates = append(updates, roomMessage{e.Seq, m})
	}
	if updates == nil {
		return nil
	}
	return &live.Frame{Data: updates}
}

// Push implements [live.Outlet]. It sends the messages with the client's offset.
func (r *room) Push(f *live.Frame, _ live.Kind) bool {
	if r.IsFull() {
		return false
	}
	updates, _ := f.Data.(roomUpdates) // nil for frames of pages
	for _, m := range updates {
		if !r.client.send(r, m) {
			return false
		}
	}
	return true
}

// send sends a message of a room. The lock keeps offsets in the order of the events: the
// client shows the last one when it comes back.
func (c *roomClient) send(r *room, m roomMessage) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.seq = m.seq
	return c.sock.Send(m.event.With(c.offset()))
}

// joined sends a client the event that it is in a room, with the offset from which it recovers
// the room, and returns the sequence number of the last message that it has.
func (c *roomClient) joined(ticketID int64) (seq int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[ticketID]
	if r == nil { // its right has ended meanwhile
		return 0, fault.ErrNotFound
	}
	return r.seq, c.sock.Emit("joined", map[string]int64{"ticketId": ticketID, "seq": r.seq}, c.offset())
}

// roomQueue is the maximum number of packets in the queue of a client. While the queue is full,
// messages wait in the log of their ticket. With the packets of one more frame, the queue is
// still below the limit of the session.
const roomQueue = 64

// IsFull implements [live.Outlet].
func (r *room) IsFull() bool {
	if r.client.sock.Queued() < roomQueue {
		return false
	}
	if !r.draining.Swap(true) {
		go r.awaitDrained()
	}
	return true
}

// awaitDrained continues the delivery when the client's queue is empty.
func (r *room) awaitDrained() {
	<-r.ready
	err := r.client.sock.Drained(r.client.sock.Context())
	r.draining.Store(false)
	if err == nil {
		r.subscription.Drained()
	}
}

// Close implements [live.Outlet]. If the client's user has signed out, it ends the
// connection, otherwise it leaves the room.
func (r *room) Close(code int, _ string) {
	c := r.client
	switch code {
	case live.CloseSignedOut:
		c.sendError("", 0, web.ProblemAnswer("signed_out", errBadToken.Message, ""))
		c.sock.Disconnect()
	case live.CloseGone:
		<-r.ready
		r.subscription.Leave()
		c.mu.Lock()
		was := c.rooms[r.ticketID] == r
		delete(c.rooms, r.ticketID)
		c.mu.Unlock()
		if was {
			c.sendError("", r.ticketID, web.ProblemAnswer("not_found", "This ticket is not here any more, or not yours to read.", ""))
		}
	default:
		c.sock.Close() // the client comes back
	}
}

// offset returns the client's positions in its rooms, such as "1042:17,1043:5": for each
// ticket, the sequence number of the last message that was sent. The caller has locked c.mu.
func (c *roomClient) offset() string {
	ids := make([]int64, 0, roomsMost)
	for id := range c.rooms {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]byte, 0, 32)
	for _, id := range ids {
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendInt(out, id, 10), ':')
		out = strconv.AppendInt(out, c.rooms[id].seq, 10)
	}
	return string(out)
}

// position is the position of a client in a room: the last message that it has.
type position struct{ ticketID, seq int64 }

// parseOffset returns the positions of an offset. It returns false for any other text.
func parseOffset(text string) (all []position, ok bool) {
	if text == "" || len(text) > roomsMost*42 {
		return nil, false
	}
	for part := range strings.SplitSeq(text, ",") {
		id, seq, found := strings.Cut(part, ":")
		var p position
		var err1, err2 error
		p.ticketID, err1 = strconv.ParseInt(id, 10, 64)
		p.seq, err2 = strconv.ParseInt(seq, 10, 64)
		if !found || err1 != nil || err2 != nil || p.ticketID <= 0 || p.seq < 0 || len(all) == roomsMost {
			return nil, false
		}
		all = append(all, p)
	}
	return all, true
}
