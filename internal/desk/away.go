package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/ticketquery"
)

// AwayInput is the form with which a member of staff is away. Back is the day on which they
// return, as YYYY-MM-DD; "" is until they say so.
type AwayInput struct {
	Back string `form:"back" json:"back" validate:"max=10,line" doc:"The day on which you return, as YYYY-MM-DD, or empty."`
}

// Away returns until when the actor is away: a time in the past if they are present, and one
// for which [IsOpenEnd] is true if they have named no day. It returns [fault.ErrForbidden]
// for customers.
func (d *Desk) Away(ctx context.Context, actor account.Actor) (time.Time, error) {
	if !actor.Can(account.WorkAsStaff) {
		return time.Time{}, fault.ErrForbidden
	}
	until, err := d.q.GetAway(ctx, actor.ID)
	return until, db.Found(err, "read away")
}

// IsOpenEnd reports whether a user is away without an end date.
func IsOpenEnd(until time.Time) bool { return !until.Before(ticketquery.Never) }

// SetAway makes the actor away: they get no tickets automatically, and tickets of theirs that
// are reopened go to their team. A day that does not exist, is not in the future or is after
// [lastAwayYear] is [*fault.Invalid].
func (d *Desk) SetAway(ctx context.Context, actor account.Actor, in AwayInput) error {
	if !actor.Can(account.WorkAsStaff) {
		return fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return err
	}
	until := ticketquery.Never
	if in.Back != "" {
		day, problem := d.returnDay(in.Back)
		if problem != "" {
			return fault.NewInvalid("back", problem)
		}
		until = day
	}
	return d.setAway(ctx, actor, &until)
}

// lastAwayYear is the last year in which a user can return.
const lastAwayYear = 9000

// returnDay returns the beginning of the day on which a user returns, or what is wrong with the text of it.
func (d *Desk) returnDay(text string) (time.Time, string) {
	day, err := time.ParseInLocation(time.DateOnly, text, d.opts.Location)
	such := "such as " + d.Now().In(d.opts.Location).AddDate(0, 0, 7).Format(time.DateOnly) + "."
	switch {
	case err != nil:
		return day, "There is no such day. Choose a day after today, " + such
	case !day.After(d.Now()):
		return day, "This day is not after today. Choose a later one, " + such
	case day.Year() > lastAwayYear:
		return day, "This day is too late. Choose an earlier one, " + such
	}
	return day, ""
}

// Return makes the actor present.
func (d *Desk) Return(ctx context.Context, actor account.Actor) error {
	if !actor.Can(account.WorkAsStaff) {
		return fault.ErrForbidden
	}
	return d.setAway(ctx, actor, nil)
}

func (d *Desk) setAway(ctx context.Context, actor account.Actor, until *time.Time) error {
	return d.act(ctx, actor, func(q *db.Queries) error {
		if err := q.SetAway(ctx, db.SetAwayParams{ID: actor.ID, Until: until}); err != nil {
			return fmt.Errorf("store away: %w", err)
		}
		return nil
	})
}
