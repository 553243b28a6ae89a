package account

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// How long sessions last.
const (
	SessionLifetime = 30 * 24 * time.Hour // from sign-in
	SessionIdle     = 12 * time.Hour      // without a request
	// SessionTouch is the minimum time between two updates of the time at which a session
	// was last used, so that not every request writes to the database.
	SessionTouch = 5 * time.Minute
)

// storeTimeout limits each query of the session store, so that the desk answers 503 and
// does not hang if the database does not respond.
const storeTimeout = 2 * time.Second

// SessionStore stores sessions in PostgreSQL, under the hashes of their tokens. It
// implements scs.CtxStore without importing it. A deleted session is marked as revoked,
// so that a request that is still running cannot restore it by saving it.
type SessionStore struct {
	accounts *core
	lookups  lookups
}

// Store returns a session store.
func (s *Sessions) Store() *SessionStore { return &SessionStore{accounts: s.core} }

// MaxUnread is the number up to which pages show unread notifications. Up to two more are counted,
// because the page of a ticket shows one less than was counted.
const MaxUnread = 99

// StoredSession has the data of a session other than its saved values.
type StoredSession struct {
	Account Actor     // the current state of its user; the zero Actor if it has no user
	Seen    time.Time // when it was last used
	Unread  int       // the number of the user's unread notifications, counted up to two more than [MaxUnread]
	KeysOff bool      // the user has switched off shortcuts of a single key
	Away    time.Time // until when the user is away; a time in the past if they are present

	Unconfirmed bool // the user has not confirmed their address
}

// storedKey is the key of the context of [WithStored].
type storedKey struct{}

// WithStored returns a context with which [SessionStore.FindCtx] sets found. The store's
// interface passes only bytes, and encoding and decoding the account for each request took
// longer than reading it from the database.
func WithStored(ctx context.Context, found *StoredSession) context.Context {
	return context.WithValue(ctx, storedKey{}, found)
}

// FindCtx returns a session's deadline and its saved values for [SplitSession]. It
// returns false if there is no such session, or if it has ended.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	hash := HashToken(token)
	row, err := s.find(ctx, hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	if found, ok := ctx.Value(storedKey{}).(*StoredSession); ok {
		found.Seen, found.Unread, found.Unconfirmed = row.SeenAt, int(row.Unread), row.Unconfirmed
		if row.UserID != nil {
			found.KeysOff = *row.ShortcutsOff
			if row.AwayUntil != nil {
				found.Away = *row.AwayUntil
			}
			found.Account = Actor{ID: *row.UserID, Username: *row.Username, Email: *row.Email, Role: *row.Role, MustChangePassword: *row.MustChangePassword, Teams: row.Teams,
				Right: Right{Session: hash}}.WithCustomRole(row.CustomRole, row.Permissions)
		}
	}
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(row.Data)), uint64(row.ExpiresAt.UnixMicro()))
	return append(b, row.Data...), true, nil
}

// SplitSession splits the result of [SessionStore.FindCtx] into the session's deadline
// and its values as a JSON object.
func SplitSession(b []byte) (expires time.Time, values []byte) {
	return time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC(), b[8:]
}

// CommitCtx saves a session's values (a JSON object) and marks it as used now.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, values []byte, expiry time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := s.accounts.q.SaveSession(ctx, db.SaveSessionParams{TokenHash: HashToken(token), Data: values, Now: s.accounts.Now(), ExpiresAt: expiry})
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session. It cannot be restored.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := s.accounts.Now()
	if err := s.accounts.q.RevokeSession(ctx, db.RevokeSessionParams{TokenHash: HashToken(token), Now: &now}); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Find is FindCtx without a context. The interface scs.CtxStore requires Find, Commit and
// Delete, but scs does not call them if there are methods with a context.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *SessionStore) Commit(token string, values []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, values, expiry)
}

// Delete is DeleteCtx without a context.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// HashToken returns the SHA-256 hash in hexadecimal under which a session is stored.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Device is a session of a user, as the user's list of sessions shows it.
type Device struct {
	Handle  string // identifies the session in forms; it is not a credential
	Agent   string // the browser's User-Agent
	Seen    time.Time
	Current bool
}

// Devices returns the actor's sessions, the last used first, at most 50. The token
// identifies the current session.
func (s *Sessions) Devices(ctx context.Context, actor Actor, token string) ([]Device, error) {
	user, err := s.q.GetUserByID(ctx, actor.ID)
	if err != nil {
		return nil, db.Found(err, "read account")
	}
	now := s.Now()
	rows, err := s.q.ListSessions(ctx, db.ListSessionsParams{UserID: actor.ID, Now: now, IdleSince: now.Add(-SessionIdle), SessionVer: user.SessionVer})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	out := make([]Device, len(rows))
	for i, r := range rows {
		out[i] = Device{Handle: r.Handle, Agent: r.Agent, Seen: r.SeenAt, Current: r.TokenHash == HashToken(token)}
	}
	return out, nil
}

// EndDevice ends one of the actor's sessions. It returns [fault.ErrNotFound] if there is
// no such session.
func (s *Sessions) EndDevice(ctx context.Context, actor Actor, handle string) error {
	now := s.Now()
	var n int64
	err := s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		n, err = q.RevokeUserSession(ctx, db.RevokeUserSessionParams{UserID: actor.ID, Handle: handle, Now: &now})
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("end session: %w", err)
	case n == 0:
		return fault.ErrNotFound
	}
	return nil
}

// EndAllDevices ends the actor's sessions and API tokens, except the session with the
// token. It returns the new session version, with which the caller continues that
// session, and [fault.ErrNotFound] if that session has ended.
func (s *Sessions) EndAllDevices(ctx context.Context, actor Actor, token string) (version int32, err error) {
	err = s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		version, err = q.EndOtherSessions(ctx, db.EndOtherSessionsParams{ID: actor.ID, TokenHash: HashToken(token)})
		if err != nil {
			return err
		}
		return s.endTokens(ctx, q, actor.ID)
	})
	return version, db.Found(err, "end sessions")
}

// Seen stores the current time as the last use of the actor's account and session.
// Callers call it at most every [SessionTouch].
func (s *Sessions) Seen(ctx context.Context, actor Actor) error {
	now := s.Now()
	return errors.Join(
		s.q.TouchSession(ctx, db.TouchSessionParams{TokenHash: actor.Right.Session, Now: now}),
		s.q.TouchUser(ctx, db.TouchUserParams{ID: actor.ID, Now: now, Stale: now.Add(-SessionTouch)}))
}

// SessionName returns an identifier of a session that is not a credential.
func SessionName(token string) string { return HashToken(token) }
