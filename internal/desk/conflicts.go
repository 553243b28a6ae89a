package desk

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Stale is returned if the ticket has changed since the form was loaded: it has another
// version. Current is the ticket as it is now.
type Stale struct{ Current Ticket }

// Error implements error.
func (e *Stale) Error() string {
	return fmt.Sprintf("ticket %d has changed since, to version %d", e.Current.ID, e.Current.Version)
}

// Unseen is returned instead of storing a comment if others have written, or the requester has changed the ticket, since its author last
// saw the log, see [Comments.Add].
type Unseen struct {
	Answers   int    // comments of staff
	After     int64  // the seq up to which the author saw the log
	First     int64  // the seq of the first new entry
	By        string // the name of the author of the answers; "" if there are several
	Requester string // the name of the requester if they have written, or changed the ticket; "" if not
	Changed   bool   // the requester has changed texts, files or fields of the ticket, and not written
}

// Error implements error.
func (e *Unseen) Error() string {
	return fmt.Sprintf("%d answers were added after seq %d, requester %q", e.Answers, e.After, e.Requester)
}

// StaleTeam is returned if another user changed the same field of a team since the form was loaded. Current is the team as it
// is now.
type StaleTeam struct{ Current db.Team }

// Error implements error.
func (e *StaleTeam) Error() string { return fmt.Sprintf("team %d has changed since", e.Current.ID) }

// act is [account.Service.ActAs]. It also checks the actor's right again before it
// returns an error for which pages show the ticket.
func (s *core) act(ctx context.Context, actor account.Actor, f func(q *db.Queries) error) error {
	err := s.accounts.ActAs(ctx, actor, f)
	if showsTicket(err) {
		if ended := s.accounts.Sessions.StillSignedIn(ctx, actor); ended != nil {
			return ended
		}
	}
	return err
}

// showsTicket reports whether pages show the current ticket for err.
func showsTicket(err error) bool {
	var stale *Stale
	var unseen *Unseen
	return errors.As(err, &stale) || errors.As(err, &unseen) || errors.Is(err, fault.ErrKeyReused)
}
