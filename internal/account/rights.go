package account

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// Right is what an actor's rights rest on beside their account: the session or
// token that the request came with. The zero value rests on the account alone.
type Right struct {
	Session string    // the hash of a session's token
	Version int32     // the session version of a signed API token
	Expires time.Time // when the signed API token ends; the zero time for other rights
	Token   string    // the hash of a personal API token
}

// HasExpired reports whether the right is a signed token that has ended at now. The
// database has no row of such a token. It knows the end of sessions and personal tokens.
func (r Right) HasExpired(now time.Time) bool { return !r.Expires.IsZero() && !now.Before(r.Expires) }

// ActAs runs f in one transaction, as [db.Tx] does, and commits it only if the actor's
// right still holds then. Otherwise nothing is written, and it returns [fault.ErrSignedOut].
// The right is read last, because f may have waited for a lock.
func (s *Service) ActAs(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
	return s.tx(ctx, func(q *db.Queries) error {
		if err := f(q); err != nil {
			return err
		}
		return s.rightHolds(ctx, q, actor)
	})
}

// actAlone is [Service.ActAs] for an f beside which no other write of the actor's may
// run, because it ends a right of theirs or counts what they have before it adds
// to it. The right is read first, as it may not hold afterwards.
func (s *Service) actAlone(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
	return s.tx(ctx, func(q *db.Queries) error {
		if err := q.HoldRightAlone(ctx, actor.ID); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
		if err := s.rightHolds(ctx, q, actor); err != nil {
			return err
		}
		return f(q)
	})
}

// actOnAccount is [Service.ActAs] for an f that may end a right of the account id,
// which may be the actor's own. Only one such change is under way at a time.
func (s *Service) actOnAccount(ctx context.Context, actor Actor, id int64, f func(q *db.Queries) error) error {
	return s.tx(ctx, func(q *db.Queries) error {
		if err := q.LockAccounts(ctx); err != nil {
			return fmt.Errorf("lock accounts: %w", err)
		}
		if id == actor.ID {
			if err := q.HoldRightAlone(ctx, id); err != nil {
				return fmt.Errorf("lock own account: %w", err)
			}
		}
		if err := s.rightHolds(ctx, q, actor); err != nil {
			return err
		}
		return f(q)
	})
}

// StillSignedIn returns [fault.ErrSignedOut] if the right with which the actor came
// has ended since. Callers ask it between a wait for the client and an answer.
func (s *Service) StillSignedIn(ctx context.Context, actor Actor) error {
	return s.rightHolds(ctx, s.q, actor)
}

func (s *Service) rightHolds(ctx context.Context, q *db.Queries, actor Actor) error {
	holds, err := q.RightHolds(ctx, db.RightHoldsParams{UserID: actor.ID, Role: string(actor.Role), Version: actor.Right.Version,
		Session: actor.Right.Session, Token: actor.Right.TokenHash(), Now: s.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("read the actor's right: %w", err)
	case !holds || actor.Right.HasExpired(s.Now()):
		return fault.ErrSignedOut
	}
	return nil
}

// TokenHash is the hash as the database has it: nil if there is none.
func (r Right) TokenHash() []byte {
	if r.Token == "" {
		return nil
	}
	return []byte(r.Token)
}
