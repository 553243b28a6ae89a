package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
)

// The links that are mailed to the owners of accounts follow the OWASP Forgot Password Cheat Sheet
// and ASVS 5.0, 6.4.3, 6.5.1 and 11.5.1: 130 random bits, stored as a hash, valid once and for a
// limited time. An account has at most one of each use except [LinkUndo]: the newest.

// LinkUse is the purpose of a link that is mailed to the owner of an account.
type LinkUse = db.AccountLinkUse

// Uses of links.
const (
	LinkPassword = db.AccountLinkUsePassword // choose a new password
	LinkVerify   = db.AccountLinkUseVerify   // confirm the address of the account
	LinkAddress  = db.AccountLinkUseAddress  // confirm another address for the account
	LinkUndo     = db.AccountLinkUseUndo     // keep or restore the former address
)

// How long links are valid.
const (
	PasswordLinkTime = 30 * time.Minute
	VerifyLinkTime   = 7 * 24 * time.Hour
	AddressLinkTime  = 24 * time.Hour
	UndoLinkTime     = 7 * 24 * time.Hour
)

// linkTime returns how long a link is valid.
func linkTime(use LinkUse) time.Duration {
	switch use {
	case LinkPassword:
		return PasswordLinkTime
	case LinkAddress:
		return AddressLinkTime
	case LinkUndo:
		return UndoLinkTime
	}
	return VerifyLinkTime
}

// repeatTime is how long after its use a link may be used once more for the same, because forms
// arrive twice after a double click.
const repeatTime = time.Minute

// MailedLink is a link as the page at its address shows it.
type MailedLink struct {
	Use  LinkUse
	Mail string // the address to which it was mailed
	Name string // of the account
	Now  string // the present address of the account
}

// newLinkOf stores a new link for an account, which replaces an earlier one of the same use, and
// returns its token.
func (s *core) newLinkOf(ctx context.Context, q *db.Queries, use LinkUse, user int64, email string) (token string, expires time.Time, err error) {
	token, hash := newToken()
	expires = s.Now().Add(linkTime(use))
	err = q.PutAccountLink(ctx, db.PutAccountLinkParams{Use: use, UserID: user, Email: email, TokenHash: hash, Now: s.Now(), ExpiresAt: expires})
	if err != nil {
		return "", expires, fmt.Errorf("store a link: %w", err)
	}
	return token, expires, nil
}

// findLink returns the link with a token, also a used one. It returns [fault.ErrNotFound] if there
// is none of the uses, it has expired, or its account is disabled.
func (s *core) findLink(ctx context.Context, q *db.Queries, token string, uses ...LinkUse) (db.FindAccountLinkRow, error) {
	l, err := q.FindAccountLink(ctx, db.FindAccountLinkParams{TokenHash: hashBearer(token), Now: s.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return l, fault.ErrNotFound
	}
	if err != nil {
		return l, fmt.Errorf("read a link: %w", err)
	}
	for _, use := range uses {
		if l.Use == use {
			return l, nil
		}
	}
	return l, fault.ErrNotFound
}

// useLink marks a link as used. It returns [fault.ErrNotFound] if another request was faster.
func (s *core) useLink(ctx context.Context, q *db.Queries, id int64) error {
	n, err := q.UseAccountLink(ctx, db.UseAccountLinkParams{ID: id, Now: s.Now()})
	switch {
	case err != nil:
		return fmt.Errorf("use a link: %w", err)
	case n == 0:
		return fault.ErrNotFound
	}
	return nil
}

// wasJustUsed reports whether a link was used a moment ago.
func (s *core) wasJustUsed(l db.FindAccountLinkRow) bool {
	return l.UsedAt != nil && s.Now().Sub(*l.UsedAt) < repeatTime
}

// holderOf returns the user of a link's account.
func holderOf(l db.FindAccountLinkRow) Actor {
	return Actor{ID: l.UserID, Username: l.Username, Email: l.UserEmail, Role: l.Role}.WithCustomRole(l.CustomRole, l.Permissions)
}
