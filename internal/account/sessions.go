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
	// SessionTouch is how old a session's last mark of use may grow before a
	// request writes a new one: not every page is a write.
	SessionTouch = 5 * time.Minute
)

// storeTimeout bounds every round trip of the session store: behind a frozen
// database the desk answers 503 and does not hang.
const storeTimeout = 2 * time.Second

// SessionStore keeps sessions in PostgreSQL. It has the methods of scs.CtxStore
// without importing it. Deleting leaves a tombstone, so that a request still
// under way cannot revive a session by saving it. Tokens are kept hashed.
type SessionStore struct{ accounts *Service }

// Sessions is the store of this desk's sessions.
func (s *Service) Sessions() *SessionStore { return &SessionStore{s} }

// StoredSession is what the store knows of a session beside its saved values.
type StoredSession struct {
	Account Actor     // whose it is, as the account is now; the zero Actor where it is nobody's
	Seen    time.Time // when it was saved last
	Unread  int       // unread notifications of the account, up to [MaxUnread]
}

type storedKey struct{}

// WithStored returns a context in which [SessionStore.FindCtx] fills in found:
// scs passes on nothing but bytes, and to encode an account for each page and
// decode it again took longer than to ask for it.
func WithStored(ctx context.Context, found *StoredSession) context.Context {
	return context.WithValue(ctx, storedKey{}, found)
}

// FindCtx returns a session's deadline and its saved values for [SplitSession];
// false where there is none, or it has ended.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := s.accounts.Now()
	row, err := s.accounts.q.FindSession(ctx, db.FindSessionParams{TokenHash: HashToken(token), Now: now, IdleSince: now.Add(-SessionIdle)})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	if found, ok := ctx.Value(storedKey{}).(*StoredSession); ok {
		found.Seen, found.Unread = row.SeenAt, int(row.Unread)
		if row.UserID != nil {
			found.Account = Actor{ID: *row.UserID, Username: *row.Username, Email: *row.Email, Role: *row.Role, MustChangePassword: *row.MustChangePassword,
				Right: Right{Session: HashToken(token)}}
		}
	}
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(row.Data)), uint64(row.ExpiresAt.UnixMicro()))
	return append(b, row.Data...), true, nil
}

// SplitSession reads what [SessionStore.FindCtx] returned: when the session ends
// at the latest, and its values as a JSON object.
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

// DeleteCtx ends a session for good.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := s.accounts.Now()
	if err := s.accounts.q.RevokeSession(ctx, db.RevokeSessionParams{TokenHash: HashToken(token), Now: &now}); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Find, Commit and Delete are the methods without a context that scs's first
// interface asks for; it calls the others.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *SessionStore) Commit(token string, values []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, values, expiry)
}

// Delete is DeleteCtx without a context.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Device is one place where somebody is signed in.
type Device struct {
	Handle  string // names the session in forms; opens nothing
	Agent   string // the browser's User-Agent
	Seen    time.Time
	Current bool
}

// Devices lists where the actor is signed in, the last used first, at most 50.
// token is the current session's own.
func (s *Service) Devices(ctx context.Context, actor Actor, token string) ([]Device, error) {
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

// EndDevice signs the actor out of one place.
func (s *Service) EndDevice(ctx context.Context, actor Actor, handle string) error {
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

// EndAllDevices signs the actor out everywhere, by a new session version that
// it returns for the one session that is to go on, and ends their API tokens. token is that session's; one
// that has ended meanwhile is [fault.ErrNotFound].
func (s *Service) EndAllDevices(ctx context.Context, actor Actor, token string) (version int32, err error) {
	err = s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		version, err = q.EndOtherSessions(ctx, db.EndOtherSessionsParams{ID: actor.ID, TokenHash: HashToken(token)})
		if err != nil {
			return err
		}
		return s.endTokens(ctx, q, actor.ID)
	})
	return version, db.Found(err, "end sessions")
}

// Seen notes when the actor, and the session with which they came, were last
// used. Callers ask for it every [SessionTouch].
func (s *Service) Seen(ctx context.Context, actor Actor) error {
	now := s.Now()
	return errors.Join(
		s.q.TouchSession(ctx, db.TouchSessionParams{TokenHash: actor.Right.Session, Now: now}),
		s.q.TouchUser(ctx, db.TouchUserParams{ID: actor.ID, Now: now, Stale: now.Add(-SessionTouch)}))
}

// SessionName names a session without giving away the token that opens it.
func SessionName(token string) string { return HashToken(token) }
