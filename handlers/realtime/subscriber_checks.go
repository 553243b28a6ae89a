package realtime

import (
	"context"

	"github.com/gorilla/websocket"

	"frontdesk/internal/desk"
	"frontdesk/internal/live"
)

// checkSubscribers returns for each member whether its socket has to close, and the last
// sequence number of its ticket.
func (s *core) checkSubscribers(ctx context.Context, members []live.Member) ([]live.CheckResult, error) {
	subscribers := make([]*subscriber, len(members))
	for i, m := range members {
		subscribers[i] = m.Subscriber.(*subscriber)
	}
	results, err := s.checkSubscriptions(ctx, subscribers)
	if err != nil {
		return nil, err
	}
	out := make([]live.CheckResult, len(results))
	for i, v := range results {
		out[i] = live.CheckResult{Close: closeCode(v), Last: v.LastSeq}
	}
	return out, nil
}

// checkSubscriptions returns a result for each subscriber: all pages with one query, each API client
// with its own.
func (s *core) checkSubscriptions(ctx context.Context, subscribers []*subscriber) ([]desk.SubscriptionState, error) {
	out := make([]desk.SubscriptionState, len(subscribers))
	pages, at := make([]desk.Subscription, 0, len(subscribers)), make([]int, 0, len(subscribers))
	for i, sub := range subscribers {
		if sub.kind != pageSocket {
			var err error
			if out[i], err = s.checkAPISocket(ctx, sub); err != nil {
				return nil, err
			}
			continue
		}
		pages, at = append(pages, desk.Subscription{Actor: sub.actor, Session: sub.session, TicketID: sub.ticketID}), append(at, i)
	}
	if len(pages) == 0 {
		return out, nil
	}
	results, err := s.Desk.Log.CheckSubscriptions(ctx, pages)
	for i, v := range results {
		out[at[i]] = v
	}
	return out, err
}

// closeCode returns the code with which a socket is closed, or 0 if it may stay open.
func closeCode(v desk.SubscriptionState) int {
	switch {
	case !v.SignedIn:
		return live.CloseSignedOut
	case !v.MayRead:
		return live.CloseGone
	case v.RoleChanged:
		return websocket.CloseServiceRestart // the page connects again, and has its new rights then
	}
	return 0
}
