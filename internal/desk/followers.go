package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Followers are staff who are notified of what happens on a ticket. Only staff see who they
// are.
type Followers struct{ *core }

// Follower is a follower of a ticket.
type Follower = db.ListFollowersRow

// FollowInput makes the actor a follower of a ticket, or ends that.
type FollowInput struct {
	Follow string `form:"follow" json:"-" validate:"required,oneof=yes no"`
}

// maxFollowers is the maximum number of followers that are listed.
const maxFollowers = 100

// The reasons for which a user is a follower.
const (
	followChosen    = "chosen"
	followMentioned = "mentioned"
	followAssigned  = "assigned"
)

// List returns the followers of a ticket by name, at most 100, and the actor also if they
// have muted the ticket. Requesters get [fault.ErrForbidden].
func (s *Followers) List(ctx context.Context, actor account.Actor, ticketID int64) ([]Follower, error) {
	t, err := s.ticket(ctx, s.q, actor, ticketID)
	switch {
	case err != nil:
		return nil, err
	case !SeesInternal(actor, t):
		return nil, fault.ErrForbidden
	}
	rows, err := s.q.ListFollowers(ctx, db.ListFollowersParams{TicketID: ticketID, Viewer: actor.ID, Max: maxFollowers})
	if err != nil {
		return nil, fmt.Errorf("list followers: %w", err)
	}
	return rows, nil
}

// Set makes the actor a follower of a ticket, or ends their notifications about it, also
// those that they get because they have written on it. Requesters get
// [fault.ErrForbidden].
func (s *Followers) Set(ctx context.Context, actor account.Actor, ticketID int64, in FollowInput) error {
	invalid := input.Check(&in)
	return s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.ticket(ctx, q, actor, ticketID)
		switch {
		case err != nil:
			return err
		case !SeesInternal(actor, t):
			return fault.ErrForbidden
		case invalid != nil:
			return invalid
		case in.Follow == "yes":
			return s.follow(ctx, q, ticketID, actor.ID, followChosen)
		}
		if err := q.Unfollow(ctx, db.UnfollowParams{TicketID: ticketID, UserID: actor.ID, Now: s.Now()}); err != nil {
			return fmt.Errorf("unfollow: %w", err)
		}
		return nil
	})
}

// follow makes a user a follower of a ticket in the caller's transaction.
func (s *core) follow(ctx context.Context, q *db.Queries, ticketID, user int64, reason string) error {
	if err := q.Follow(ctx, db.FollowParams{TicketID: ticketID, UserID: user, Reason: reason, Now: s.Now()}); err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	return nil
}
