package desk

import (
	"context"
	"errors"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// act is [account.Service.ActAs]. It also checks the actor's right again before it
// returns an error for which pages show the ticket.
func (s *core) act(ctx context.Context, actor account.Actor, f func(q *db.Queries) error) error {
	err := s.accounts.ActAs(ctx, actor, f)
	if showsTicket(err) {
		if ended := s.accounts.StillSignedIn(ctx, actor); ended != nil {
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
