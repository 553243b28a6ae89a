// Package realtime has the websockets of pages and programs, and who is present at a ticket.
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
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// What the hub follows: a ticket, everybody's tickets (for staff), one person's.
const (
	topicTicket = "ticket/"
	topicStaff  = "staff"
	topicUser   = "user/"
)

func topicOf(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

// follower is who holds a socket. It is kept as long as that, and not changed.
type follower struct {
	actor    account.Actor
	session  string              // its name, see account.SessionName
	ticketID int64               // 0 for lists
	staff    bool                // on the side of staff
	vouched  bool                // the hub answers for their rights at this moment
	program  *account.Credential // by which a program follows; nil for a page
}

func (f *follower) topic() string { return topicOf(topicTicket, f.ticketID) }

// Realtime has the handlers of sockets, and keeps open pages current.
type Realtime struct {
	*web.Env
	hub      *live.Hub
	presence *live.Presence
	nudges   nudges
	bells    bells
}

// New returns the handlers of sockets. They deliver nothing until [Realtime.Run].
func New(env *web.Env, bus live.Bus) *Realtime {
	s := &Realtime{Env: env, nudges: nudges{pending: map[string]bool{}}}
	s.hub = live.New(live.Options{Bus: bus, Receive: s.hear, News: s.readNews, Check: s.checkFollowers, Log: s.Log})
	publish := func(ctx context.Context, m string) { s.hub.Publish(ctx, "p "+m) }
	s.presence = live.NewPresence(rand.Text(), s.Log, publish, s.tellPresence)
	return s
}

// Run keeps the sockets of open pages current until ctx ends.
func (s *Realtime) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.presence.Run(ctx) })
	both.Go(func() { s.hub.Run(ctx) })
	both.Wait()
}

// Close tells every open page that the desk restarts, and accepts no new sockets:
// [http.Server.Shutdown] does not know of them.
func (s *Realtime) Close() { s.hub.Close() }

// hear takes what the database tells (t and u, see migration 00004; n, see notifications.sql) and the
// replicas of each other (p).
func (s *Realtime) hear(message string) {
	kind, rest, _ := strings.Cut(message, " ")
	switch kind {
	case "t":
		var id, seq, requester int64
		if _, err := fmt.Sscan(rest, &id, &seq, &requester); err != nil {
			s.Log.Error("a notification that nobody understands", "message", message)
			return
		}
		s.hub.Wake(topicOf(topicTicket, id), seq)
		s.nudge(topicStaff)
		s.nudge(topicOf(topicUser, requester))
	case "n":
		s.hearNotified(rest)
	case "p":
		s.presence.Receive(rest)
	case "u":
		if id, err := strconv.ParseInt(rest, 10, 64); err == nil {
			s.hub.Pause(id)
		}
	}
}

// readNews reads what followed each place, and how to draw it.
func (s *Realtime) readNews(ctx context.Context, wants []live.Range) ([]live.News, error) {
	places := make([]desk.Place, len(wants))
	for i, w := range wants {
		id, err := strconv.ParseInt(strings.TrimPrefix(w.Topic, topicTicket), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q has no log", w.Topic)
		}
		places[i] = desk.Place{TicketID: id, Seq: w.After, Upto: w.Upto}
	}
	news, err := s.Desk.Log.News(ctx, places)
	if err != nil {
		return nil, err
	}
	var categories []desk.Category
	out := make([]live.News, len(news))
	for i, n := range news {
		if n.Ticket != nil && categories == nil {
			if categories, err = s.Desk.Categories.List(ctx); err != nil {
				return nil, err
			}
		}
		out[i] = live.News{To: n.To, More: n.More, Gone: n.Gone,
			Draw: s.drawNews(views.NewsPage{TicketID: places[i].TicketID, News: n, Categories: categories})}
	}
	return out, nil
}

// drawNews returns a function that renders news for a follower, at most once for each
// group that sees it alike: its authors, the requester, and staff. A follower whose
// signed token has expired gets none.
func (s *Realtime) drawNews(page views.NewsPage) func(any) *live.Frame {
	frames := map[int64]*live.Frame{}
	return func(who any) *live.Frame {
		f := who.(*follower)
		if f.actor.Right.HasExpired(s.Desk.Now()) {
			return nil // the hub is about to close the socket
		}
		if f.program != nil {
			return eventsFrame(page, f.actor)
		}
		actor := f.actor
		key := audience(page.News, actor)
		if frames[key] == nil {
			frames[key] = s.frameFor(actor, views.TicketNews(page))
		}
		return frames[key]
	}
}

// audience is 0 for staff who are no part of what happened, and else the person.
func audience(n desk.News, actor account.Actor) int64 {
	if !actor.Can(account.SeeAllTickets) || n.Ticket != nil && desk.SideOf(actor, *n.Ticket) == desk.RequesterSide {
		return actor.ID
	}
	for _, e := range n.Entries {
		if e.AuthorID == actor.ID {
			return actor.ID
		}
	}
	return 0
}

// frameFor renders a part of a page for somebody who is not asking just now.
func (s *Realtime) frameFor(actor account.Actor, part templ.Component) *live.Frame {
	b := web.Buffers.Get().(*bytes.Buffer)
	defer web.Buffers.Put(b)
	b.Reset()
	ctx := views.WithFrame(context.Background(), s.BaseFrame(actor))
	if err := part.Render(ctx, b); err != nil {
		s.Log.Error("render for a socket", "error", err)
		return nil
	}
	return live.NewFrame(bytes.Clone(web.AsText(b.Bytes())))
}

// checkFollowers tells who may still follow.
func (s *Realtime) checkFollowers(ctx context.Context, members []live.Member) ([]live.Verdict, error) {
	followers := make([]*follower, len(members))
	for i, m := range members {
		followers[i] = m.Follower.(*follower)
	}
	verdicts, err := s.standings(ctx, followers)
	if err != nil {
		return nil, err
	}
	out := make([]live.Verdict, len(verdicts))
	for i, v := range verdicts {
		out[i] = live.Verdict{Close: closeCode(v), Last: v.LastSeq}
	}
	return out, nil
}

// standings asks the desk: of all pages at once, of programs one by one.
func (s *Realtime) standings(ctx context.Context, followers []*follower) ([]desk.Verdict, error) {
	out := make([]desk.Verdict, len(followers))
	pages, at := make([]desk.Standing, 0, len(followers)), make([]int, 0, len(followers))
	for i, f := range followers {
		if f.program != nil {
			var err error
			if out[i], err = s.programStanding(ctx, f); err != nil {
				return nil, err
			}
			continue
		}
		pages, at = append(pages, desk.Standing{Actor: f.actor, Session: f.session, TicketID: f.ticketID}), append(at, i)
	}
	if len(pages) == 0 {
		return out, nil
	}
	verdicts, err := s.Desk.Log.Standings(ctx, pages)
	for i, v := range verdicts {
		out[at[i]] = v
	}
	return out, err
}

func closeCode(v desk.Verdict) int {
	switch {
	case !v.SignedIn:
		return live.CloseSignedOut
	case !v.MayRead:
		return live.CloseGone
	}
	return 0
}

// nudges tells lists that something changed, at most once a second each.
type nudges struct {
	mu      sync.Mutex
	pending map[string]bool // told within this second → something more has changed
}

var changed = live.NewFrame([]byte(`{"type":"changed"}`))

func (s *Realtime) nudge(topic string) {
	s.nudges.mu.Lock()
	defer s.nudges.mu.Unlock()
	if _, told := s.nudges.pending[topic]; told {
		s.nudges.pending[topic] = true
		return
	}
	if !s.hub.Follows(topic) {
		return
	}
	s.nudges.pending[topic] = false
	go s.hub.Send(topic, func(any) *live.Frame { return changed })
	time.AfterFunc(time.Second, func() { s.nudgeAgain(topic) })
}

func (s *Realtime) nudgeAgain(topic string) {
	s.nudges.mu.Lock()
	more := s.nudges.pending[topic]
	delete(s.nudges.pending, topic)
	s.nudges.mu.Unlock()
	if more {
		s.nudge(topic)
	}
}
