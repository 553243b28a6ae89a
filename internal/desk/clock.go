package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
)

// clockSlack is how far a stored time may be in the future before it counts as
// one of a clock that has been put right: the clocks of replicas differ.
const clockSlack = time.Minute

// boundTimes sets stored times that cannot be true yet to the present. Without
// it, what a clock that was ahead has written would not expire for as long.
func (d *Desk) boundTimes(ctx context.Context) error {
	now := d.Now()
	soon := now.Add(clockSlack)
	err := errors.Join(
		d.q.BoundSessionTimes(ctx, db.BoundSessionTimesParams{Now: now, Soon: soon, Latest: soon.Add(SessionLifetime)}),
		d.q.BoundTokenTimes(ctx, db.BoundTokenTimesParams{Now: now, Soon: soon}),
		d.q.BoundStagedTimes(ctx, db.BoundStagedTimesParams{Now: now, Soon: soon}),
		d.q.BoundFormTimes(ctx, db.BoundFormTimesParams{Now: now, Soon: soon}),
		d.q.BoundAnswerTimes(ctx, db.BoundAnswerTimesParams{Now: now, Soon: soon}),
		d.q.BoundUserTimes(ctx, db.BoundUserTimesParams{Now: now, Soon: soon}),
	)
	if err != nil {
		return fmt.Errorf("bound times: %w", err)
	}
	return nil
}
