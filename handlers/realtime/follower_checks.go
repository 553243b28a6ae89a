package realtime

import (
	"context"

	"github.com/gorilla/websocket"

	"frontdesk/internal/desk"
	"frontdesk/internal/live"
)

// checkFollowers returns for each member whether its socket has to close, and the last
// sequence number of its ticket.
func (s *core) checkFollowers(ctx context.Context, members []live.Member) ([]live.CheckResult, error) {
	followers := make([]*follower, len(members))
	for i, m := range members {
		followers[i] = m.Follower.(*follower)
	}
	results, err := s.checkFollowed(ctx, followers)
	if err != nil {
		return nil, err
	}
	out := make([]live.CheckResult, len(results))
	for i, v := range results {
		out[i] = live.CheckResult{Close: closeCode(v), Last: v.LastSeq}
	}
	return out, nil
}

// checkFollowed returns a result for each follower: all pages with one query, each API client
// with its own.
func (s *core) checkFollowed(ctx context.Context, followers []*follower) ([]desk.SubscriptionState, error) {
	out := make([]desk.SubscriptionState, len(followers))
	pages, at := make([]desk.Subscription, 0, len(followers)), make([]int, 0, len(followers))
	for i, f := range followers {
		if f.kind != pageSocket {
			var err error
			if out[i], err = s.checkAPISocket(ctx, f); err != nil {
				return nil, err
			}
			continue
		}
		pages, at = append(pages, desk.Subscription{Actor: f.actor, Session: f.session, TicketID: f.ticketID}), append(at, i)
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
