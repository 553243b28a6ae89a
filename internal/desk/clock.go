package desk

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
)

// boundTimes sets stored times that are in the future to the current time. Rows that were
// written while the clock was wrong would otherwise expire too late.
func (s *Upkeep) boundTimes(ctx context.Context) error {
	now := s.Now()
	soon := now.Add(limit.ClockSlack)
	err := errors.Join(
		s.q.BoundSessionTimes(ctx, db.BoundSessionTimesParams{Now: now, Soon: soon, Latest: soon.Add(account.SessionLifetime)}),
		s.q.BoundTokenTimes(ctx, db.BoundTokenTimesParams{Now: now, Soon: soon}),
		s.q.BoundStagedTimes(ctx, db.BoundStagedTimesParams{Now: now, Soon: soon}),
		s.q.BoundFormTimes(ctx, db.BoundFormTimesParams{Now: now, Soon: soon}),
		s.q.BoundAnswerTimes(ctx, db.BoundAnswerTimesParams{Now: now, Soon: soon}),
		s.q.BoundUserTimes(ctx, db.BoundUserTimesParams{Now: now, Soon: soon}),
	)
	if err != nil {
		return fmt.Errorf("bound times: %w", err)
	}
	return nil
}
