package desk

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// right is what an actor's rights rest on beside their account: the session or
// token that the request came with. The zero value rests on the account alone.
type right struct {
	session string // the hash of a session's token
	version int32  // the session version of a signed API token
	token   string // the hash of a personal API token
}

// act runs f in one transaction, as [Desk.tx] does, and commits it only if the
// actor's right still holds then. A right that has ended is [fault.ErrSignedOut], and
// nothing is written. The right is read last, as f may have waited for a lock.
func (d *Desk) act(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
	err := d.tx(ctx, func(q *db.Queries) error {
		if err := f(q); err != nil {
			return err
		}
		return d.rightHolds(ctx, q, actor)
	})
	if showsTicket(err) { // to someone who may have lost the right to see it
		if ended := d.rightHolds(ctx, d.q, actor); ended != nil {
			return ended
		}
	}
	return err
}

// actAlone is [Desk.act] for an f beside which no other write of the actor's may
// run, because it ends a right of theirs or counts what they have before it adds
// to it. The right is read first, as it may not hold afterwards.
func (d *Desk) actAlone(ctx context.Context, actor Actor, f func(q *db.Queries) error) error {
	return d.tx(ctx, func(q *db.Queries) error {
		if err := q.HoldRightAlone(ctx, actor.ID); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
		if err := d.rightHolds(ctx, q, actor); err != nil {
			return err
		}
		return f(q)
	})
}

// actOnAccount is [Desk.act] for an f that may end a right of the account id,
// which may be the actor's own. Only one such change is under way at a time.
func (d *Desk) actOnAccount(ctx context.Context, actor Actor, id int64, f func(q *db.Queries) error) error {
	return d.tx(ctx, func(q *db.Queries) error {
		if err := q.LockAccounts(ctx); err != nil {
			return fmt.Errorf("lock accounts: %w", err)
		}
		if id == actor.ID {
			if err := q.HoldRightAlone(ctx, id); err != nil {
				return fmt.Errorf("lock own account: %w", err)
			}
		}
		if err := d.rightHolds(ctx, q, actor); err != nil {
			return err
		}
		return f(q)
	})
}

// StillSignedIn returns [fault.ErrSignedOut] if the right with which the actor came
// has ended since. Callers ask it between a wait for the client and an answer.
func (d *Desk) StillSignedIn(ctx context.Context, actor Actor) error {
	return d.rightHolds(ctx, d.q, actor)
}

func (d *Desk) rightHolds(ctx context.Context, q *db.Queries, actor Actor) error {
	holds, err := q.RightHolds(ctx, db.RightHoldsParams{UserID: actor.ID, Role: string(actor.Role), Version: actor.right.version,
		Session: actor.right.session, Token: actor.right.tokenHash(), Now: d.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("read the actor's right: %w", err)
	case !holds:
		return fault.ErrSignedOut
	}
	return nil
}

// tokenHash is the hash as the database has it: nil if there is none.
func (r right) tokenHash() []byte {
	if r.token == "" {
		return nil
	}
	return []byte(r.token)
}

// showsTicket reports whether pages answer err with the ticket as it is now.
func showsTicket(err error) bool {
	var stale *Stale
	var unseen *Unseen
	return errors.As(err, &stale) || errors.As(err, &unseen) || errors.Is(err, fault.ErrKeyReused)
}
