package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// How long a request holds its key in the database. It renews its hold while it is
// under way, however long that takes. After a crash the key is free when the last
// hold has ended.
const (
	holdTime  = 5 * time.Second
	holdParts = 3 // a hold is renewed when a third of it is over
)

// Hold is a key that one request of an actor has taken; see [Requests.BeginAnswer].
// Its caller ends it with [Hold.Keep] or [Hold.Drop], and calls [Hold.Release] in
// any case.
type Hold struct {
	d           *Requests
	user        int64
	key, holder string

	ctx     context.Context // of what is done under the key
	lose    context.CancelCauseFunc
	release context.CancelFunc
}

// errLostKey ends what is done under a key that another request has taken over.
var errLostKey = errors.New("another request has taken the idempotency key over")

// hold returns the hold of a key that was taken, and renews it until it is released.
func (s *Requests) hold(ctx context.Context, actor account.Actor, key, holder string) *Hold {
	h := &Hold{d: s, user: actor.ID, key: key, holder: holder}
	h.ctx, h.lose = context.WithCancelCause(ctx)
	// The client may go away before the request is done: the hold stays.
	renewing, release := context.WithCancel(context.WithoutCancel(ctx))
	h.release = release
	go h.renew(renewing)
	return h
}

// Context ends with the context of [Requests.BeginAnswer], or when the key is lost.
func (h *Hold) Context() context.Context { return h.ctx }

// Lost reports whether another request may have taken the key over meanwhile.
func (h *Hold) Lost() bool { return errors.Is(context.Cause(h.ctx), errLostKey) }

// renew renews the hold until ctx ends. A hold that could not be renewed in time
// is lost, because another request may have the key.
func (h *Hold) renew(ctx context.Context) {
	tick := time.NewTicker(h.d.holdTime / holdParts)
	defer tick.Stop()
	for renewed := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		in, cancel := context.WithTimeout(ctx, h.d.holdTime/holdParts)
		n, err := h.d.q.HoldAnswer(in, db.HoldAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder, Hold: h.d.holdTime.Seconds()})
		cancel()
		switch {
		case err == nil && n > 0:
			renewed = now
		case err == nil || time.Since(renewed) > h.d.holdTime:
			h.lose(errLostKey)
			return
		}
	}
}

// Keep keeps what the request was answered. It keeps nothing if the key was lost.
func (h *Hold) Keep(ctx context.Context, a Answer) error {
	defer h.Release()
	err := h.d.q.KeepAnswer(ctx, db.KeepAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder, Status: int32(a.Status), Body: a.Body, Location: a.Location})
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// Drop gives the key back: the request failed, and may be sent again.
func (h *Hold) Drop(ctx context.Context) error {
	defer h.Release()
	if err := h.d.q.DropAnswer(ctx, db.DropAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder}); err != nil {
		return fmt.Errorf("give key back: %w", err)
	}
	return nil
}

// Release stops renewing the hold. A key that was neither kept nor dropped is free
// when the hold ends.
func (h *Hold) Release() {
	h.release()
	h.lose(nil)
}
