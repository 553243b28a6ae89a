package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// AutomaticAssignment assigns the unassigned tickets of teams to their members, if the
// settings say so: the ticket whose requester has waited longest first, to the members in
// turn. Members who are away, or may not reply, or have as many active tickets as the
// settings allow, are left out.
type AutomaticAssignment struct{ *core }

// assignEvery is how often [AutomaticAssignment.Run] looks for tickets. It looks for the state
// of teams and not for events, so it does not matter whether a ticket arrived, a member got
// free or returned, or a setting changed.
const assignEvery = 2 * time.Second

// Run assigns tickets until ctx ends. Each replica runs it.
func (s *AutomaticAssignment) Run(ctx context.Context) {
	tick := time.NewTicker(assignEvery)
	defer tick.Stop()
	for {
		if err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("automatic assignment failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Drain assigns tickets until no ticket waits or no member has room. It does nothing while
// automatic assignment is switched off.
func (s *AutomaticAssignment) Drain(ctx context.Context) error {
	for s.settings.Current().AutomaticAssignment {
		teams, err := s.q.TeamsToAssign(ctx, db.TeamsToAssignParams{Now: s.Now(), Capacity: s.capacity()})
		if err != nil {
			return fmt.Errorf("find teams: %w", err)
		}
		progress := false
		for _, team := range teams {
			done, err := s.assignNext(ctx, team)
			if err != nil {
				return fmt.Errorf("team %d: %w", team, err)
			}
			progress = progress || done
		}
		if !progress {
			return nil
		}
	}
	return nil
}

// capacity returns the maximum number of active tickets of a member.
func (s *AutomaticAssignment) capacity() int32 {
	return int32(s.settings.Current().OpenTicketsPerAgent)
}

// assignNext assigns the next ticket of a team to the next member with room, and reports
// whether it did. One such transaction runs at a time, in all replicas. It locks the ticket
// before the member, as [Tickets.Assign] does, so that they do not deadlock.
func (s *AutomaticAssignment) assignNext(ctx context.Context, team int64) (done bool, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		done = false
		if err := q.LockAutomaticAssignment(ctx); err != nil {
			return fmt.Errorf("lock automatic assignment: %w", err)
		}
		members, err := s.membersWithRoom(ctx, q, team)
		if err != nil || len(members) == 0 {
			return err
		}
		t, err := q.LockNextUnassigned(ctx, db.LockNextUnassignedParams{TeamID: team, Members: members})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock the next ticket: %w", err)
		}
		to, err := s.lockFirst(ctx, q, team, slices.DeleteFunc(members, func(id int64) bool { return id == t.RequesterID }))
		if err != nil || to.ID == 0 {
			return err
		}
		if err := q.SetLastAssigned(ctx, db.SetLastAssignedParams{TeamID: team, UserID: to.ID}); err != nil {
			return fmt.Errorf("store whose turn it was: %w", err)
		}
		done = true
		was := assignment{team: event.Named{ID: team, Name: t.Team}}
		// The author of the entry is the assignee, because no user assigned the ticket.
		return s.writeAssignment(ctx, q, account.Actor{ID: to.ID}, t.ID, reassignment{was, assignment{to, was.team}, event.WhyTurn})
	})
	return done, err
}

// membersWithRoom returns the members of a team who may get a ticket and have room for one, in turn.
func (s *AutomaticAssignment) membersWithRoom(ctx context.Context, q *db.Queries, team int64) (out []int64, err error) {
	members, err := q.NextMembers(ctx, db.NextMembersParams{TeamID: team, Now: s.Now()})
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	for _, id := range members {
		switch has, err := s.hasRoom(ctx, q, id); {
		case err != nil:
			return nil, err
		case has:
			out = append(out, id)
		}
	}
	return out, nil
}

// hasRoom reports whether a user has fewer active tickets than the settings allow.
func (s *AutomaticAssignment) hasRoom(ctx context.Context, q *db.Queries, user int64) (bool, error) {
	n, err := q.CountAssigned(ctx, db.CountAssignedParams{UserID: user, Max: s.capacity()})
	if err != nil {
		return false, fmt.Errorf("count tickets: %w", err)
	}
	return n < int64(s.capacity()), nil
}

// lockFirst locks and returns the first of the members who still may get a ticket and has room, or the zero
// value. An assignment by hand that commits at the same time may not be counted: the capacity
// limits automatic assignment only.
func (s *AutomaticAssignment) lockFirst(ctx context.Context, q *db.Queries, team int64, members []int64) (event.Named, error) {
	for _, id := range members {
		u, err := q.LockMember(ctx, db.LockMemberParams{ID: id, TeamID: team, Now: s.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return event.Named{}, fmt.Errorf("lock member: %w", err)
		}
		switch holds, err := s.holdsTeam(ctx, q, u.Reach, u.ID, team); {
		case err != nil:
			return event.Named{}, err
		case !holds:
			continue
		}
		if has, err := s.hasRoom(ctx, q, id); err != nil || has {
			return event.Named{ID: u.ID, Name: u.Username}, err
		}
	}
	return event.Named{}, nil
}
