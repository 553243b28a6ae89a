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

// MaxAPITokens is how many tokens an account may have at once.
const MaxAPITokens = 20

// tokenPrefix tells a token made by hand from a signed one, and lets scanners
// find it where it was published by mistake.
const tokenPrefix = "fd_"

// TokenInput is a token as somebody asks for it.
type TokenInput struct {
	Current string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"` // the account's password
	Name    string `form:"name" json:"name" validate:"required,max=100,name"`
	Days    string `form:"days" json:"days" validate:"omitempty,oneof=7 30 90 365"` // until it ends; "" is never
}

// APIToken is a token as its owner sees it: without what opens anything.
type APIToken = db.ListAPITokensRow

// CreateToken creates a token for the actor's programs and returns it, this once:
// only its hash is kept. It may do what the actor may, until it expires, is
// revoked, or every session of the account is ended. A wrong password is
// [*fault.Invalid]; attempts are counted as those to sign in ([*fault.Limited]).
func (s *Service) CreateToken(ctx context.Context, actor Actor, in TokenInput) (token string, err error) {
	if err := input.Check(&in); err != nil {
		return "", err
	}
	if _, err := s.confirm(ctx, actor, in.Current); err != nil {
		return "", err
	}
	token = tokenPrefix + strings.ToLower(rand.Text())
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
		return "", fmt.Errorf("make token: %w", err)
	}
	return token, nil
}

// Tokens lists the actor's tokens, the newest first.
func (s *Service) Tokens(ctx context.Context, actor Actor) ([]APIToken, error) {
	all, err := s.q.ListAPITokens(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return all, nil
}

// RevokeToken ends one of the actor's tokens.
func (s *Service) RevokeToken(ctx context.Context, actor Actor, id int64) error {
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

// endTokens is a step after one that ended the sessions of an account: its
// personal API tokens end with them.
func (s *Service) endTokens(ctx context.Context, q *db.Queries, user int64) error {
	if err := q.EndAPITokens(ctx, db.EndAPITokensParams{UserID: user, Now: s.Now()}); err != nil {
		return fmt.Errorf("end tokens: %w", err)
	}
	return nil
}

// Credential is what a program shows: a signed token's account, session version
// and end, or the hash of a personal token.
type Credential struct {
	UserID  int64
	Version int32
	Expires time.Time // of a signed token
	Token   []byte    // nil for a signed token
}

// TokenCredential reads a token made by [Service.CreateToken]; false where it is another kind.
func TokenCredential(bearer string) (Credential, bool) {
	if !strings.HasPrefix(bearer, tokenPrefix) {
		return Credential{}, false
	}
	return Credential{Token: hashBearer(bearer)}, true
}

// Bearer returns the account of a credential. It returns [fault.ErrCredentials] if
// the account is disabled or the token has ended: a signed token ends with its
// lifetime, or when the account gets another session version.
func (s *Service) Bearer(ctx context.Context, c Credential) (Actor, error) {
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
		// A failure is ignored: programs still read from a database that can only be read.
		_ = s.q.TouchUser(ctx, db.TouchUserParams{ID: u.ID, Now: now, Stale: now.Add(-SessionTouch)})
	}
	return Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, MustChangePassword: u.MustChangePassword, Right: right}, nil
}

func (s *Service) tokenBearer(ctx context.Context, hash []byte) (Actor, error) {
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
	return Actor{ID: u.ID, Username: u.Username, Email: u.Email, Role: u.Role, MustChangePassword: u.MustChangePassword, Right: Right{Token: string(hash)}}, nil
}

// SocketTicketTime is how long a ticket for a socket lasts.
const SocketTicketTime = 30 * time.Second

// SocketTicket makes a word that opens one socket in place of the actor's
// credential, once and soon: browsers cannot send a token with the handshake.
func (s *Service) SocketTicket(ctx context.Context, actor Actor, c Credential) (string, error) {
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
		return "", fmt.Errorf("make socket ticket: %w", err)
	}
	return ticket, nil
}

// TakeSocketTicket returns the credential that a ticket was made with, and removes
// the ticket. It returns [fault.ErrCredentials] if there is no such ticket, or if it
// was used or has ended.
func (s *Service) TakeSocketTicket(ctx context.Context, ticket string) (Credential, error) {
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

func hashBearer(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
