package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// A request locks its idempotency key for a short time and renews the lock until it has
// finished. After a crash the key is free when the lock expires.
const (
	keyLockTime  = 5 * time.Second
	keyLockParts = 3 // the lock is renewed after a third of keyLockTime
)

// KeyLock is the lock of a request on its idempotency key, see [Requests.BeginAnswer]. The
// caller ends it with [KeyLock.Store] or [KeyLock.Unlock], and must always call [KeyLock.Release].
type KeyLock struct {
	d           *Requests
	user        int64
	key, holder string

	ctx     context.Context // of the work done under the key
	lose    context.CancelCauseFunc
	release context.CancelFunc
}

// errLostKey is the cause of the lock's context if another request has taken the key over.
var errLostKey = errors.New("another request has taken the idempotency key over")

// lockKey returns the lock on a key that was just taken, and starts renewing it.
func (s *Requests) lockKey(ctx context.Context, actor account.Actor, key, holder string) *KeyLock {
	l := &KeyLock{d: s, user: actor.ID, key: key, holder: holder}
	l.ctx, l.lose = context.WithCancelCause(ctx)
	// Renewing does not end if the client disconnects before the request has finished.
	renewing, release := context.WithCancel(context.WithoutCancel(ctx))
	l.release = release
	go l.renew(renewing)
	return l
}

// Context returns the context for the work under the key. It ends with the context passed
// to [Requests.BeginAnswer], or when the key is lost.
func (l *KeyLock) Context() context.Context { return l.ctx }

// Lost reports whether another request may have taken the key over.
func (l *KeyLock) Lost() bool { return errors.Is(context.Cause(l.ctx), errLostKey) }

// renew renews the lock until ctx ends. If the lock was not renewed in time, it is lost,
// because another request may have taken the key.
func (l *KeyLock) renew(ctx context.Context) {
	tick := time.NewTicker(l.d.keyLockTime / keyLockParts)
	defer tick.Stop()
	for renewed := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		in, cancel := context.WithTimeout(ctx, l.d.keyLockTime/keyLockParts)
		n, err := l.d.q.ExtendKeyLock(in, db.ExtendKeyLockParams{UserID: l.user, Key: l.key, Holder: l.holder, Hold: l.d.keyLockTime.Seconds()})
		cancel()
		switch {
		case err == nil && n > 0:
			renewed = now
		case err == nil || time.Since(renewed) > l.d.keyLockTime:
			l.lose(errLostKey)
			return
		}
	}
}

// Store stores the answer to the request and releases the lock. It stores nothing if the
// key was lost.
func (l *KeyLock) Store(ctx context.Context, a Answer) error {
	defer l.Release()
	err := l.d.q.StoreAnswer(ctx, db.StoreAnswerParams{UserID: l.user, Key: l.key, Holder: l.holder, Status: int32(a.Status), Body: a.Body, Location: a.Location})
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	return nil
}

// Unlock frees the key of a request that failed, so that it can be sent again, and releases
// the lock.
func (l *KeyLock) Unlock(ctx context.Context) error {
	defer l.Release()
	if err := l.d.q.ReleaseKey(ctx, db.ReleaseKeyParams{UserID: l.user, Key: l.key, Holder: l.holder}); err != nil {
		return fmt.Errorf("release key: %w", err)
	}
	return nil
}

// Release stops renewing the lock. If neither [KeyLock.Store] nor [KeyLock.Unlock] was called,
// the key is free when the lock expires.
func (l *KeyLock) Release() {
	l.release()
	l.lose(nil)
}
