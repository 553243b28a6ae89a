package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// A request holds its idempotency key for a short time and renews the hold until it has
// finished. After a crash the key is free when the hold expires.
const (
	holdTime  = 5 * time.Second
	holdParts = 3 // a hold is renewed after a third of holdTime
)

// Hold is the lock of a request on its idempotency key, see [Requests.BeginAnswer]. The
// caller ends it with [Hold.Keep] or [Hold.Drop], and must always call [Hold.Release].
type Hold struct {
	d           *Requests
	user        int64
	key, holder string

	ctx     context.Context // of the work done under the key
	lose    context.CancelCauseFunc
	release context.CancelFunc
}

// errLostKey is the cause of the hold's context if another request has taken the key over.
var errLostKey = errors.New("another request has taken the idempotency key over")

// hold returns a hold on a key that was just taken, and starts renewing it.
func (s *Requests) hold(ctx context.Context, actor account.Actor, key, holder string) *Hold {
	h := &Hold{d: s, user: actor.ID, key: key, holder: holder}
	h.ctx, h.lose = context.WithCancelCause(ctx)
	// Renewing does not end if the client disconnects before the request has finished.
	renewing, release := context.WithCancel(context.WithoutCancel(ctx))
	h.release = release
	go h.renew(renewing)
	return h
}

// Context returns the context for the work under the key. It ends with the context passed
// to [Requests.BeginAnswer], or when the key is lost.
func (h *Hold) Context() context.Context { return h.ctx }

// Lost reports whether another request may have taken the key over.
func (h *Hold) Lost() bool { return errors.Is(context.Cause(h.ctx), errLostKey) }

// renew renews the hold until ctx ends. If the hold was not renewed in time, it is lost,
// because another request may have taken the key.
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

// Keep stores the answer to the request and releases the hold. It stores nothing if the
// key was lost.
func (h *Hold) Keep(ctx context.Context, a Answer) error {
	defer h.Release()
	err := h.d.q.KeepAnswer(ctx, db.KeepAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder, Status: int32(a.Status), Body: a.Body, Location: a.Location})
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// Drop frees the key of a request that failed, so that it can be sent again, and releases
// the hold.
func (h *Hold) Drop(ctx context.Context) error {
	defer h.Release()
	if err := h.d.q.DropAnswer(ctx, db.DropAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder}); err != nil {
		return fmt.Errorf("give key back: %w", err)
	}
	return nil
}

// Release stops renewing the hold. If neither [Hold.Keep] nor [Hold.Drop] was called, the
// key is free when the hold expires.
func (h *Hold) Release() {
	h.release()
	h.lose(nil)
}
