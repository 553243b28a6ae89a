package realtime

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

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

// drawUpdates returns a function that renders updates for a subscriber, at most once for each
// [audience]. A subscriber whose signed token has expired gets nil.
func (s *Realtime) drawUpdates(page views.UpdatesPage) func(any) *live.Frame {
	frames := map[audience]*live.Frame{}
	rooms := sync.OnceValue(func() *live.Frame { return roomFrame(page) })
	return func(who any) *live.Frame {
		sub := who.(*subscriber)
		if sub.actor.Right.HasExpired(s.Desk.Now()) {
			return nil // the hub is about to close the socket
		}
		switch sub.kind {
		case apiSocket:
			return eventsFrame(page, sub.actor)
		case roomSocket:
			return rooms()
		}
		actor := sub.actor
		key := audienceOf(page.Updates, actor)
		if frames[key] == nil {
			frames[key] = s.frameFor(actor, views.TicketUpdates(page))
		}
		return frames[key]
	}
}

// audience is a group of subscribers who see updates alike.
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
