package web

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// A signed token (JWT, RFC 7519; HS256) names an account and the session version
// of that account. Rights are read from the database with each request, never
// from the token. A password change or "sign out everywhere" raises the version
// and so ends the token.

// TokenLifetime is how long a signed token lasts.
const TokenLifetime = 24 * time.Hour

// Claims that every signed token has, and the tolerance for its times.
const (
	TokenIssuer   = "frontdesk"
	TokenAudience = "frontdesk-api"
	TokenLeeway   = 30 * time.Second // between clocks
)

// SignedTokens makes and reads signed tokens.
type SignedTokens struct {
	keys [][]byte // the first signs, all are accepted
	now  func() time.Time
}

// NewSignedTokens returns tokens that are signed by the first key and accepted with any of them.
func NewSignedTokens(keys [][]byte, now func() time.Time) *SignedTokens {
	return &SignedTokens{keys, now}
}

// claims are the contents of a token. ID, Email, Role and Staff are for display alone:
// clients of the first system read them, the server never does.
type claims struct {
	signedClaims
	ID    int64  `json:"id"`
	Email string `json:"email"`
	Role  string `json:"role"`
	Staff string `json:"staffRole,omitempty"`
}

// signedClaims are the claims that the server reads.
type signedClaims struct {
	Version int32 `json:"ver"`
	jwt.RegisteredClaims
}

// Sign returns a signed token for an account that has just signed in.
func (t *SignedTokens) Sign(who account.SignedIn) (string, error) {
	now := t.now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		signedClaims: signedClaims{Version: who.SessionVer, RegisteredClaims: jwt.RegisteredClaims{
			Subject: strconv.FormatInt(who.ID, 10), Issuer: TokenIssuer, Audience: jwt.ClaimStrings{TokenAudience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(TokenLifetime)),
		}},
		ID: who.ID, Email: who.Email, Role: apiRole(who.Role), Staff: staffRole(who.Role),
	}).SignedString(t.keys[0])
}

// read returns the account, the version and the end that a token names, or
// [fault.ErrCredentials]. The first key signs; tokens of earlier keys are still
// accepted. golang-jwt's defaults accept other algorithms, any audience, and a
// token without an expiry, so each of these is set.
func (t *SignedTokens) read(token string) (account.Credential, error) {
	for _, key := range t.keys {
		var c signedClaims
		_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuer(TokenIssuer),
			jwt.WithAudience(TokenAudience), jwt.WithIssuedAt(), jwt.WithLeeway(TokenLeeway), jwt.WithTimeFunc(t.now))
		if errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			continue
		}
		id, notNumber := strconv.ParseInt(c.Subject, 10, 64)
		if err != nil || notNumber != nil || c.IssuedAt == nil {
			break
		}
		return account.Credential{UserID: id, Version: c.Version, Expires: c.ExpiresAt.Add(TokenLeeway)}, nil
	}
	return account.Credential{}, fault.ErrCredentials
}
