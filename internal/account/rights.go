package account

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// Right is the session or token with which a request was made. The actor may act only
// while it is valid. For the zero value only the account is checked.
type Right struct {
	Session string    // the hash of a session's token
	Version int32     // the session version of a signed API token
	Expires time.Time // the expiry of the signed API token; the zero time for other rights
	Token   string    // the hash of a personal API token
}

// HasExpired reports whether the right is a signed token that has expired at now. The
// database checks the expiry of sessions and personal tokens, but has no row for a signed
// token.
func (r Right) HasExpired(now time.Time) bool { return !r.Expires.IsZero() && !now.Before(r.Expires) }

// ActAs runs f in one transaction, as [db.Tx] does, and commits it only if the actor's
// right is then still valid. Otherwise it writes nothing and returns
// [fault.ErrSignedOut]. It checks the right last, because f may have waited for a lock.
func (s *core) ActAs(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
	return s.tx(ctx, func(q *db.Queries) error {
		if err := f(q); err != nil {
			return err
		}
		return s.rightHolds(ctx, q, actor)
	})
}

// actAlone is [Service.ActAs] for an f during which the actor's other writes must wait,
// because f ends a right of the actor or counts rows before it adds one. It checks the
// right first, because the right may not be valid afterwards.
func (s *core) actAlone(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
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

// actOnAccount is [Service.ActAs] for an f that may end a right of the account id, which
// may be the actor's own. Only one such transaction runs at a time.
func (s *core) actOnAccount(ctx context.Context, actor Actor, id int64, f func(q *db.Queries) error) error {
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

// StillSignedIn returns [fault.ErrSignedOut] if the actor's right is not valid any more.
// Callers check it after waiting for the client and before they answer.
func (s *Sessions) StillSignedIn(ctx context.Context, actor Actor) error {
	return s.rightHolds(ctx, s.q, actor)
}

// rightHolds returns [fault.ErrSignedOut] if the actor's right is not valid, in the
// caller's transaction.
func (s *core) rightHolds(ctx context.Context, q *db.Queries, actor Actor) error {
	holds, err := q.RightHolds(ctx, db.RightHoldsParams{UserID: actor.ID, Role: actor.RoleKey(), Version: actor.Right.Version,
		Session: actor.Right.Session, Token: actor.Right.TokenHash(), Now: s.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("read the actor's right: %w", err)
	case !holds || actor.Right.HasExpired(s.Now()):
		return fault.ErrSignedOut
	}
	return nil
}

// TokenHash returns the hash of the personal token as bytes, or nil if there is none.
func (r Right) TokenHash() []byte {
	if r.Token == "" {
		return nil
	}
	return []byte(r.Token)
}
