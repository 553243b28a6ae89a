package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// MaxAPITokens is the maximum number of tokens of an account.
const MaxAPITokens = 20

// tokenPrefix distinguishes personal tokens from signed ones, and lets secret scanners
// find tokens that were published by mistake.
const tokenPrefix = "fd_"

// TokenInput is the form for a new personal token.
type TokenInput struct {
	Current string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"` // the account's password
	Name    string `form:"name" json:"name" validate:"required,max=100,name"`
	Days    string `form:"days" json:"days" validate:"omitempty,oneof=7 30 90 365"` // until it expires; "" for never
}

// APIToken is a personal token as its owner sees it, without the secret.
type APIToken = db.ListAPITokensRow

// Create creates a personal API token and returns it. Only its hash is stored, so it
// cannot be shown again. It has the actor's permissions until it expires, is revoked, or
// all sessions of the account are ended. A wrong password, or more than [MaxAPITokens]
// tokens, is [*fault.Invalid]. Attempts are limited as those to sign in
// ([*fault.Limited]).
func (s *Tokens) Create(ctx context.Context, actor Actor, in TokenInput) (token string, err error) {
	if err := input.Check(&in); err != nil {
		return "", err
	}
	if _, err := s.confirm(ctx, actor, in.Current); err != nil {
		return "", err
	}
	token = tokenPrefix + randomToken()
	p := db.CreateAPITokenParams{UserID: actor.ID, Name: in.Name, TokenHash: hashBearer(token), Now: s.Now(), Most: MaxAPITokens}
	if in.Days != "" {
		length, err := time.ParseDuration(in.Days + "h")
		if err != nil {
			return "", fmt.Errorf("read days: %w", err)
		}
		end := s.Now().Add(24 * length)
		p.ExpiresAt = &end
	}
	err = s.actAlone(ctx, actor, func(q *db.Queries) error {
		_, err := q.CreateAPIToken(ctx, p)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.NewInvalid("name", fmt.Sprintf("You have %d tokens, the most allowed. Revoke one first.", MaxAPITokens))
	}
	if err != nil {
		return "", fmt.Errorf("create token: %w", err)
	}
	return token, nil
}

// List returns the actor's personal tokens, the newest first.
func (s *Tokens) List(ctx context.Context, actor Actor) ([]APIToken, error) {
	all, err := s.q.ListAPITokens(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return all, nil
}

// Revoke revokes one of the actor's personal tokens. It returns [fault.ErrNotFound]
// if the actor has no such token.
func (s *Tokens) Revoke(ctx context.Context, actor Actor, id int64) error {
	var n int64
	err := s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		n, err = q.RevokeAPIToken(ctx, db.RevokeAPITokenParams{ID: id, UserID: actor.ID, Now: s.Now()})
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("revoke token: %w", err)
	case n == 0:
		return fault.ErrNotFound
	}
	return nil
}

// endTokens revokes the personal API tokens of an account whose sessions were ended, in
// the caller's transaction.
func (s *core) endTokens(ctx context.Context, q *db.Queries, user int64) error {
	if err := q.EndAPITokens(ctx, db.EndAPITokensParams{UserID: user, Now: s.Now()}); err != nil {
		return fmt.Errorf("end tokens: %w", err)
	}
	return nil
}

// Credential identifies the token of an API client: the account, session version and expiry
// of a signed token, or the hash of a personal token.
type Credential struct {
	UserID  int64
	Version int32
	Expires time.Time // the expiry of a signed token
	Token   []byte    // the hash of a personal token; nil for a signed token
}

// TokenCredential returns the credential of a token created by [Tokens.Create]. It
// returns false for other kinds of tokens.
func TokenCredential(bearer string) (Credential, bool) {
	if !strings.HasPrefix(bearer, tokenPrefix) {
		return Credential{}, false
	}
	return Credential{Token: hashBearer(bearer)}, true
}

// Bearer returns the account of a credential. It returns [fault.ErrCredentials] if
// the account is disabled or the token has ended: a signed token ends with its
// lifetime, or when the account gets another session version.
func (s *Tokens) Bearer(ctx context.Context, c Credential) (Actor, error) {
	if c.Token != nil {
		return s.tokenBearer(ctx, c.Token)
	}
	right := Right{Version: c.Version, Expires: c.Expires}
	if right.HasExpired(s.Now()) {
		return Actor{}, fault.ErrCredentials
	}
	now := s.Now()
	u, err := s.q.BearerByVersion(ctx, db.BearerByVersionParams{ID: c.UserID, SessionVer: c.Version, Now: now, Stale: now.Add(-SessionTouch)})
	if errors.Is(err, pgx.ErrNoRows) {
		return Actor{}, fault.ErrCredentials
	}
	if err != nil {
		return Actor{}, fmt.Errorf("read account: %w", err)
	}
	if u.Note {
		// A failure is ignored, so that API clients can read from a read-only database.
		_ = s.q.TouchUser(ctx, db.TouchUserParams{ID: u.ID, Now: now, Stale: now.Add(-SessionTouch)})
	}
	return Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, MustChangePassword: u.MustChangePassword, Teams: u.Teams, Right: right}.WithCustomRole(u.CustomRole, u.Permissions), nil
}

// tokenBearer is [Tokens.Bearer] for the hash of a personal token.
func (s *Tokens) tokenBearer(ctx context.Context, hash []byte) (Actor, error) {
	now := s.Now()
	u, err := s.q.BearerByToken(ctx, db.BearerByTokenParams{TokenHash: hash, Now: now, Stale: now.Add(-SessionTouch)})
	if errors.Is(err, pgx.ErrNoRows) {
		return Actor{}, fault.ErrCredentials
	}
	if err != nil {
		return Actor{}, fmt.Errorf("read token: %w", err)
	}
	if u.Note {
		_ = s.q.NoteTokenUse(ctx, db.NoteTokenUseParams{ID: u.TokenID, Now: now}) // ignored as in Bearer
	}
	return Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, MustChangePassword: u.MustChangePassword, Teams: u.Teams, Right: Right{Token: string(hash)}}.WithCustomRole(u.CustomRole, u.Permissions), nil
}

// SocketTicketTime is how long a socket ticket is valid.
const SocketTicketTime = 30 * time.Second

// SocketTicket creates a socket ticket: a random text that a client sends with the
// handshake of one socket instead of the credential c, because browsers cannot send a
// token there. It can be used once, within [SocketTicketTime].
func (s *Tokens) SocketTicket(ctx context.Context, actor Actor, c Credential) (string, error) {
	ticket := rand.Text()
	var tokenEnd *time.Time
	if !c.Expires.IsZero() {
		tokenEnd = &c.Expires
	}
	err := s.ActAs(ctx, actor, func(q *db.Queries) error {
		return q.CreateSocketTicket(ctx, db.CreateSocketTicketParams{TicketHash: hashBearer(ticket), UserID: actor.ID,
			SessionVer: c.Version, ApiToken: c.Token, TokenExpiresAt: tokenEnd, ExpiresAt: s.Now().Add(SocketTicketTime)})
	})
	if err != nil {
		return "", fmt.Errorf("create socket ticket: %w", err)
	}
	return ticket, nil
}

// TakeSocketTicket removes a socket ticket and returns the credential for which it was
// created. It returns [fault.ErrCredentials] if there is no such ticket, or if it was
// used or has expired.
func (s *Tokens) TakeSocketTicket(ctx context.Context, ticket string) (Credential, error) {
	was, err := s.q.TakeSocketTicket(ctx, db.TakeSocketTicketParams{TicketHash: hashBearer(ticket), Now: s.Now(), Latest: s.Now().Add(SocketTicketTime + limit.ClockSlack)})
	if errors.Is(err, pgx.ErrNoRows) {
		return Credential{}, fault.ErrCredentials
	}
	if err != nil {
		return Credential{}, fmt.Errorf("take socket ticket: %w", err)
	}
	c := Credential{UserID: was.UserID, Version: was.SessionVer, Token: was.ApiToken}
	if was.TokenExpiresAt != nil {
		c.Expires = *was.TokenExpiresAt
	}
	return c, nil
}

// randomToken returns a token of 130 random bits.
func randomToken() string { return strings.ToLower(rand.Text()) }

// newToken returns a random token of a link, and its hash.
func newToken() (token string, hash []byte) {
	token = randomToken()
	return token, hashBearer(token)
}

// hashBearer returns the SHA-256 hash under which a token or socket ticket is stored.
func hashBearer(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
