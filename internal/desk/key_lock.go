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
	keyLockTime  = 5 * time.Second
	keyLockParts = 3 // a hold is renewed after a third of keyLockTime
)

// KeyLock is the lock of a request on its idempotency key, see [Requests.BeginAnswer]. The
// caller ends it with [KeyLock.Keep] or [KeyLock.Drop], and must always call [KeyLock.Release].
type KeyLock struct {
	d           *Requests
	user        int64
	key, holder string

	ctx     context.Context // of the work done under the key
	lose    context.CancelCauseFunc
	release context.CancelFunc
}

// errLostKey is the cause of the hold's context if another request has taken the key over.
var errLostKey = errors.New("another request has taken the idempotency key over")

// lockKey returns a hold on a key that was just taken, and starts renewing it.
func (s *Requests) lockKey(ctx context.Context, actor account.Actor, key, holder string) *KeyLock {
	h := &KeyLock{d: s, user: actor.ID, key: key, holder: holder}
	h.ctx, h.lose = context.WithCancelCause(ctx)
	// Renewing does not end if the client disconnects before the request has finished.
	renewing, release := context.WithCancel(context.WithoutCancel(ctx))
	h.release = release
	go h.renew(renewing)
	return h
}

// Context returns the context for the work under the key. It ends with the context passed
// to [Requests.BeginAnswer], or when the key is lost.
func (h *KeyLock) Context() context.Context { return h.ctx }

// Lost reports whether another request may have taken the key over.
func (h *KeyLock) Lost() bool { return errors.Is(context.Cause(h.ctx), errLostKey) }

// renew renews the hold until ctx ends. If the hold was not renewed in time, it is lost,
// because another request may have taken the key.
func (h *KeyLock) renew(ctx context.Context) {
	tick := time.NewTicker(h.d.keyLockTime / keyLockParts)
	defer tick.Stop()
	for renewed := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		in, cancel := context.WithTimeout(ctx, h.d.keyLockTime/keyLockParts)
		n, err := h.d.q.HoldAnswer(in, db.HoldAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder, Hold: h.d.keyLockTime.Seconds()})
		cancel()
		switch {
		case err == nil && n > 0:
			renewed = now
		case err == nil || time.Since(renewed) > h.d.keyLockTime:
			h.lose(errLostKey)
			return
		}
	}
}

// Store stores the answer to the request and releases the hold. It stores nothing if the
// key was lost.
func (h *KeyLock) Store(ctx context.Context, a Answer) error {
	defer h.Release()
	err := h.d.q.KeepAnswer(ctx, db.KeepAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder, Status: int32(a.Status), Body: a.Body, Location: a.Location})
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// Unlock frees the key of a request that failed, so that it can be sent again, and releases
// the hold.
func (h *KeyLock) Unlock(ctx context.Context) error {
	defer h.Release()
	if err := h.d.q.DropAnswer(ctx, db.DropAnswerParams{UserID: h.user, Key: h.key, Holder: h.holder}); err != nil {
		return fmt.Errorf("give key back: %w", err)
	}
	return nil
}

// Release stops renewing the hold. If neither [KeyLock.Keep] nor [KeyLock.Drop] was called, the
// key is free when the hold expires.
func (h *KeyLock) Release() {
	h.release()
	h.lose(nil)
}
