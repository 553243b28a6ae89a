// Package realtime has the websockets of pages and API clients, and the presence of users
// on tickets.
package realtime

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/internal/socketio"
	"frontdesk/views"
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

// follower is the owner of a socket. It does not change while the socket is open.
type follower struct {
	actor      account.Actor
	kind       socketKind
	session    string             // of a page, see account.SessionName
	credential account.Credential // of the other kinds
	ticketID   int64              // 0 for lists
	staff      bool               // whether the actor acts as staff on the ticket, and sees its internal events
	checked    bool               // whether the hub has just checked the actor's rights
	presence   *presenceText      // of the page of a requester: the last one that it got
}

// topic returns the topic of the follower's ticket. Internal events wake only that of staff.
func (f *follower) topic() string {
	if f.staff {
		return topicOf(topicTicket, f.ticketID)
	}
	return topicOf(topicPublic, f.ticketID)
}

// Realtime has the handlers of sockets, and keeps open pages current.
type Realtime struct {
	*web.Env
	hub          *live.Hub
	socketIO     *socketio.Server
	presence     *live.Presence
	readers      readers
	wakeups      listWakeups
	unreadCounts unreadCounts
}

// New returns the handlers of sockets. They deliver nothing until [Realtime.Run].
func New(env *web.Env, bus live.Bus) *Realtime {
	s := &Realtime{Env: env, wakeups: listWakeups{pending: map[string]ticketSet{}}, readers: readers{byUser: map[int64]*reader{}}}
	options := live.Options{Bus: bus, Receive: s.receive, Updates: s.readUpdates, Check: s.checkFollowers, Resumed: s.receiveResumed, Log: s.Log}
	if env.Cfg.BusLoses {
		options.Recovery = s.recovery()
	}
	s.hub = live.New(options)
	s.socketIO = s.newSocketIO()
	publish := func(ctx context.Context, m string) { s.hub.Publish(ctx, "p "+m) }
	s.presence = live.NewPresence(rand.Text(), s.Log, publish, s.sendPresence)
	return s
}

// Run keeps the sockets of open pages current until ctx ends.
func (s *Realtime) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.presence.Run(ctx) })
	all.Go(func() { s.hub.Run(ctx) })
	all.Go(func() { s.socketIO.Run(ctx) })
	all.Wait()
}

// Subscriptions returns the number of subscriptions of open pages and API clients.
func (s *Realtime) Subscriptions() int { return s.hub.Subscriptions() }

// Close sends every open page that the desk restarts, closes all sockets and accepts no
// new ones. [http.Server.Shutdown] does not close them.
func (s *Realtime) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := s.socketIO.Shutdown(ctx); err != nil {
		s.Log.Warn("connections of Socket.IO are cut off", "error", err)
	}
	s.hub.Close()
}

// closeTime is how long [Realtime.Close] waits for the connections of Socket.IO.
const closeTime = 5 * time.Second

// receive handles one message of the bus. Its first word is the kind: t, i, u and s are sent by
// triggers (migration 00052), n (notifications.sql) and d (notes.sql) by statements, p by replicas
// and l by a bus that has lost messages.
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
		s.wakeList(topicStaff, id)
		s.wakeList(topicOf(topicUser, requester), id)
	case "i": // an internal event
		var id, seq int64
		if _, err := fmt.Sscan(rest, &id, &seq); err != nil {
			s.Log.Error("unreadable notification", "message", message)
			return
		}
		s.hub.Wake(topicOf(topicTicket, id), seq)
		s.wakeList(topicStaff, id)
	case "n":
		s.receiveNotified(rest)
	case "d":
		s.receiveDeletedNote(rest)
	case "s":
		s.Desk.Settings.Wake()
	case "l":
		s.wakeLists()
	case "p":
		s.presence.Receive(rest)
	case "u":
		if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
			s.hub.Pause(id)
		}
	}
}

// readUpdates reads the events after each wanted sequence number, and returns them with a
// function that renders them. Topics other than tickets are an error.
func (s *Realtime) readUpdates(ctx context.Context, wants []live.Range) ([]live.Updates, error) {
	positions := make([]desk.Position, len(wants))
	for i, w := range wants {
		text, internal := strings.CutPrefix(w.Topic, topicTicket)
		id, err := strconv.ParseInt(strings.TrimPrefix(text, topicPublic), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q has no log", w.Topic)
		}
		positions[i] = desk.Position{TicketID: id, Seq: w.After, Upto: w.Upto, Internal: internal}
	}
	updates, err := s.Desk.Log.Updates(ctx, positions)
	if err != nil {
		return nil, err
	}
	var categories []desk.Category
	out := make([]live.Updates, len(updates))
	for i, n := range updates {
		if n.Ticket != nil && categories == nil {
			if categories, err = s.Desk.Categories.List(ctx); err != nil {
				return nil, err
			}
		}
		out[i] = live.Updates{To: n.To, More: n.More, Gone: n.Gone,
			Draw: s.drawUpdates(views.UpdatesPage{TicketID: positions[i].TicketID, Updates: n, Internal: positions[i].Internal, Categories: categories})}
	}
	return out, nil
}

// drawUpdates returns a function that renders updates for a follower, at most once for each
// [audience]. A follower whose signed token has expired gets nil.
func (s *Realtime) drawUpdates(page views.UpdatesPage) func(any) *live.Frame {
	frames := map[audience]*live.Frame{}
	rooms := sync.OnceValue(func() *live.Frame { return roomFrame(page) })
	return func(who any) *live.Frame {
		f := who.(*follower)
		if f.actor.Right.HasExpired(s.Desk.Now()) {
			return nil // the hub is about to close the socket
		}
		switch f.kind {
		case apiSocket:
			return eventsFrame(page, f.actor)
		case roomSocket:
			return rooms()
		}
		actor := f.actor
		key := audienceOf(page.Updates, actor)
		if frames[key] == nil {
			frames[key] = s.frameFor(actor, views.TicketUpdates(page))
		}
		return frames[key]
	}
}

// audience is a group of followers who see updates alike.
type audience struct {
	id      int64 // of the only member; 0 for staff with the same permissions
	role    account.Role
	granted account.Permissions
}

// audienceOf returns the group of an actor. Authors of the updates, the assignee, the requester and followers in the
// updates are groups of their own.
func audienceOf(n desk.Updates, actor account.Actor) audience {
	out := audience{role: actor.Role, granted: actor.Granted}
	wrote := func(e desk.Event) bool { return e.AuthorID == actor.ID }
	follows := func(f desk.Follower) bool { return f.ID == actor.ID }
	if t := n.Ticket; !actor.Can(account.WorkAsStaff) || slices.ContainsFunc(n.Entries, wrote) || slices.ContainsFunc(n.Followers, follows) || t != nil && (t.AssigneeID == actor.ID || t.RequesterID == actor.ID) {
		out.id = actor.ID
	}
	return out
}

// frameFor renders a part of a page for an actor outside of a request. It logs an error of
// rendering and returns nil.
func (s *Realtime) frameFor(actor account.Actor, part templ.Component) *live.Frame {
	text := s.textFor(actor, part)
	if text == nil {
		return nil
	}
	return live.NewFrame(text)
}

// textFor is [Realtime.frameFor] without the frame.
func (s *Realtime) textFor(actor account.Actor, part templ.Component) []byte {
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
