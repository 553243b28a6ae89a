package desk

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Several is returned if a name or e-mail address that was typed fits several colleagues.
type Several struct{ Found []Colleague }

// Error implements error.
func (e *Several) Error() string { return fmt.Sprintf("%d colleagues have this name", len(e.Found)) }

// AddMember adds a member to a team, or changes whether they are a lead, and returns their name.
// If several colleagues have the name that was typed, it returns [*Several].
func (s *Teams) AddMember(ctx context.Context, actor account.Actor, team int64, in MemberInput) (name string, err error) {
	if err := input.Check(&in); err != nil {
		return "", err
	}
	if _, err := s.GetManaged(ctx, actor, team); err != nil {
		return "", err
	}
	if in.User == 0 {
		one, err := s.findOne(ctx, actor, in.Member)
		if err != nil {
			return "", err
		}
		in.User = one.ID
	}
	err = s.manage(ctx, actor, team, func(q *db.Queries, _ db.Team, _ bool) error {
		if err := q.LockAccount(ctx, in.User); err != nil {
			return fmt.Errorf("lock user: %w", err)
		}
		u, err := q.GetAssignee(ctx, db.GetAssigneeParams{ID: in.User})
		if err != nil {
			return missingUser("member", err)
		}
		if problem := notWorking(u); problem != "" {
			return fault.NewInvalid("member", problem)
		}
		name = u.Username
		if err := q.PutTeamMember(ctx, db.PutTeamMemberParams{TeamID: team, UserID: u.ID, Lead: in.Lead}); err != nil {
			return fmt.Errorf("add member: %w", err)
		}
		return nil
	})
	return name, err
}

// findOne returns the colleague whom a typed name or e-mail address means.
func (s *Teams) findOne(ctx context.Context, actor account.Actor, typed string) (Colleague, error) {
	if typed == "" {
		return Colleague{}, fault.NewInvalid("member", "Enter a name or an e-mail address.")
	}
	found, err := s.FindStaff(ctx, actor, typed, 0)
	switch {
	case err != nil:
		return Colleague{}, err
	case len(found) == 0:
		return Colleague{}, fault.NewInvalid("member", "No agent or admin has this name or e-mail address. Check the spelling, or add the user first.")
	case len(found) > 1 && !isExact(found, typed):
		return Colleague{}, &Several{found}
	}
	return found[0], nil
}

// isExact reports whether the text is the address, or the whole name, of the first colleague only.
func isExact(found []Colleague, typed string) bool {
	if strings.EqualFold(found[0].Email, typed) {
		return true
	}
	return strings.EqualFold(found[0].Username, typed) && !strings.EqualFold(found[1].Username, typed)
}

// RemoveMember removes a member from a team. Tickets of a private team that are assigned to them
// lose their assignee, because they may not read these any more.
func (s *Teams) RemoveMember(ctx context.Context, actor account.Actor, team, user int64) error {
	if _, err := s.GetManaged(ctx, actor, team); err != nil {
		return err
	}
	err := s.manage(ctx, actor, team, func(q *db.Queries, _ db.Team, _ bool) error {
		n, err := q.RemoveTeamMember(ctx, db.RemoveTeamMemberParams{TeamID: team, UserID: user})
		switch {
		case err != nil:
			return fmt.Errorf("remove member: %w", err)
		case n == 0:
			return fault.ErrNotFound
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.unassignUnreadable(ctx, actor, team)
}
