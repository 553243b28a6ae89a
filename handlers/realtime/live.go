// Package realtime has the websockets of pages and API clients, and the presence of users
// on tickets.
package realtime

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/live"
	"frontdesk/views/ui"
)

// The topics of the hub.
const (
	topicTicket = "ticket/" // and a ticket's id: the events of the ticket, for staff
	topicPublic = "public/" // and a ticket's id: its public events, for its requester
	topicStaff  = "staff"   // changes of any ticket, for lists of staff who may read it
	topicUser   = "user/"   // and a user's id: changes of the user's own tickets
)

// topicOf returns the topic with the given prefix and id.
func topicOf(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

// socketKind is the kind of client at the other end, which decides what it gets and how
// its rights are checked.
type socketKind int

const (
	pageSocket socketKind = iota // a page of the desk, which gets markup and has a session
	apiSocket                    // an API client, which gets every event as JSON and has a credential
	roomSocket                   // a client of Socket.IO, which gets chat messages and has a credential
)

// subscriber is the owner of a socket. It does not change while the socket is open.
type subscriber struct {
	actor      account.Actor
	kind       socketKind
	session    string             // of a page, see account.SessionName
	credential account.Credential // of the other kinds
	ticketID   int64              // 0 for lists
	staff      bool               // whether the actor acts as staff on the ticket, and sees its internal events
	checked    bool               // whether the hub has just checked the actor's rights
	presence   *presenceText      // of the page of a requester: the last one that it got
}

// topic returns the topic of the subscriber's ticket. Internal events wake only that of staff.
func (sub *subscriber) topic() string {
	if sub.staff {
		return topicOf(topicTicket, sub.ticketID)
	}
	return topicOf(topicPublic, sub.ticketID)
}

// core has what the parts of the package share.
type core struct {
	*web.Env
	hub      *live.Hub
	presence *live.Presence
}

// Realtime has the handlers of sockets, and keeps open pages current.
type Realtime struct {
	*core
	Presence *Presence
	rooms    *roomServer
	lists    *listWakeups
	unread   *unreadCounts
	deleted  *deletedNotes
}

// New returns the handlers of sockets. They deliver nothing until [Realtime.Run].
func New(env *web.Env, bus live.Bus) *Realtime {
	c := &core{Env: env}
	lists := &listWakeups{core: c, pending: map[string]ticketSet{}}
	s := &Realtime{core: c, lists: lists, unread: &unreadCounts{core: c}, deleted: &deletedNotes{c},
		Presence: &Presence{core: c, lists: lists, readers: readers{byUser: map[int64]*reader{}}}}
	options := live.Options{Bus: bus, Receive: s.receive, Updates: s.readUpdates, Check: s.checkSubscribers, Resumed: s.receiveResumed, Log: s.Log}
	if env.Cfg.BusLoses {
		options.Recovery = s.recovery()
	}
	s.hub = live.New(options)
	s.rooms = newRoomServer(c)
	publish := func(ctx context.Context, m string) { s.hub.Publish(ctx, "p "+m) }
	s.presence = live.NewPresence(rand.Text(), s.Log, publish, s.Presence.send)
	return s
}

// Run keeps the sockets of open pages current until ctx ends.
func (s *Realtime) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.presence.Run(ctx) })
	all.Go(func() { s.hub.Run(ctx) })
	all.Go(func() { s.rooms.Run(ctx) })
	all.Wait()
}

// Subscriptions returns the number of subscriptions of open pages and API clients.
func (s *Realtime) Subscriptions() int { return s.hub.Subscriptions() }

// Close sends every open page that the desk restarts, closes all sockets and accepts no
// new ones. [http.Server.Shutdown] does not close them.
func (s *Realtime) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := s.rooms.Shutdown(ctx); err != nil {
		s.Log.Warn("connections of Socket.IO are cut off", "error", err)
	}
	s.hub.Close()
}

// closeTime is how long [Realtime.Close] waits for the connections of Socket.IO.
const closeTime = 5 * time.Second

// receive handles one message of the bus. Its first word is the kind: t, i, u and s are sent by
// triggers (migrations 00052 and 00061), n by statements (notifications.sql) and a trigger (00063), d by
// statements (notes.sql), p by replicas and l by a bus that has lost messages.
func (s *Realtime) receive(message string) {
	kind, rest, _ := strings.Cut(message, " ")
	switch kind {
	case "t":
		var id, seq, requester int64
		if _, err := fmt.Sscan(rest, &id, &seq, &requester); err != nil {
			s.Log.Error("unreadable notification", "message", message)
			return
		}
		s.hub.Wake(topicOf(topicTicket, id), seq)
		s.hub.Wake(topicOf(topicPublic, id), seq)
		s.lists.wake(topicStaff, id)
		s.lists.wake(topicOf(topicUser, requester), id)
	case "i": // an internal event
		var id, seq int64
		if _, err := fmt.Sscan(rest, &id, &seq); err != nil {
			s.Log.Error("unreadable notification", "message", message)
			return
		}
		s.hub.Wake(topicOf(topicTicket, id), seq)
		s.lists.wake(topicStaff, id)
	case "n":
		s.unread.receive(rest)
	case "d":
		s.deleted.receive(rest)
	case "s":
		s.Desk.Settings.Wake()
	case "l":
		s.lists.wakeAll()
	case "p":
		s.presence.Receive(rest)
	case "u":
		if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
			s.hub.Pause(id)
		}
	}
}

// receiveResumed schedules a count for the users of pages whose sockets have joined or were
// paused, and sends who is present on their tickets and which notes are deleted: they may have missed a change.
func (s *Realtime) receiveResumed(subscribers []any) {
	var ids []int64
	for _, who := range subscribers {
		sub := who.(*subscriber)
		if sub.kind != pageSocket {
			continue
		}
		ids = append(ids, sub.actor.ID)
		if sub.ticketID != 0 {
			s.presence.SendAgain(topicOf(topicTicket, sub.ticketID))
		}
	}
	s.unread.schedule(ids)
	s.deleted.sendTo(subscribers)
}

// frameFor renders a part of a page for an actor outside of a request. It logs an error of
// rendering and returns nil.
func (s *core) frameFor(actor account.Actor, part templ.Component) *live.Frame {
	text := s.textFor(actor, part)
	if text == nil {
		return nil
	}
	return live.NewFrame(text)
}

// textFor is [core.frameFor] without the frame.
func (s *core) textFor(actor account.Actor, part templ.Component) []byte {
	b := web.Buffers.Get().(*bytes.Buffer)
	defer web.Buffers.Put(b)
	b.Reset()
	ctx := ui.WithFrame(context.Background(), s.BaseFrame(actor))
	if err := part.Render(ctx, b); err != nil {
		s.Log.Error("socket render failed", "error", err)
		return nil
	}
	return bytes.Clone(web.AsText(b.Bytes()))
}
