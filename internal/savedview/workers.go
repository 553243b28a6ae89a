package savedview

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// checkWorkers returns [*fault.Invalid] if the team or the assignee of a filter does not exist or is not in use.
func (s *Service) checkWorkers(ctx context.Context, f ticketquery.Filter) error {
	if err := s.checkTeam(ctx, f.Team); err != nil {
		return err
	}
	id, err := strconv.ParseInt(f.Assignee, 10, 64)
	if err != nil {
		return nil
	}
	user, err := s.q.AssigneeOfFilter(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.NewInvalid("query", fmt.Sprintf("Change or remove “assignee=%d”: no member of staff has this id.", id))
	case err != nil:
		return fmt.Errorf("read assignee: %w", err)
	case user.Disabled:
		return fault.NewInvalid("query", fmt.Sprintf("Change or remove “assignee=%d”: the account of %s is disabled.", id, user.Username))
	}
	return nil
}

// checkTeam is checkWorkers for the value of a filter by team.
func (s *Service) checkTeam(ctx context.Context, value string) error {
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return nil
	}
	team, err := s.q.TeamOfFilter(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.NewInvalid("query", fmt.Sprintf("Change or remove “team=%d”: there is no such team.", id))
	case err != nil:
		return fmt.Errorf("read team: %w", err)
	case team.Retired && team.SuccessorID != 0:
		return fault.NewInvalid("query", fmt.Sprintf("Change “team=%d” to “team=%d”: %s is retired, and its tickets are with %s.", id, team.SuccessorID, team.Name, team.Successor))
	case team.Retired:
		return fault.NewInvalid("query", fmt.Sprintf("Change or remove “team=%d”: %s is retired.", id, team.Name))
	}
	return nil
}
