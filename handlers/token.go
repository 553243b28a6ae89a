package handlers

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/internal/desk"
)

// A signed token (JWT, RFC 7519; HS256) says whose it is and under which version
// of the account it was made. It says nothing of roles: what somebody may is read
// anew with each request, and a password change or "sign out everywhere" moves
// the version on and ends it.

// TokenLifetime is how long a signed token lasts.
const TokenLifetime = 24 * time.Hour

const (
	tokenIssuer   = "frontdesk"
	tokenAudience = "frontdesk-api"
	tokenLeeway   = 30 * time.Second // between clocks
)

type claims struct {
	Version int32 `json:"ver"`
	jwt.RegisteredClaims
}

// signToken makes a token for somebody who has just proved who they are.
func (s *server) signToken(who desk.SignedIn) (string, error) {
	now := s.desk.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Version: who.SessionVer,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: strconv.FormatInt(who.ID, 10), Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(TokenLifetime)),
		},
	}).SignedString(s.cfg.TokenKeys[0])
}

// readToken gives whose a token is, and of which version. The first key signs;
// the others are of before, and still accepted. golang-jwt would by itself accept
// other algorithms, any audience, and a token without an end.
func (s *server) readToken(token string) (desk.Credential, error) {
	for _, key := range s.cfg.TokenKeys {
		var c claims
		_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuer(tokenIssuer),
			jwt.WithAudience(tokenAudience), jwt.WithIssuedAt(), jwt.WithLeeway(tokenLeeway), jwt.WithTimeFunc(s.desk.Now))
		if errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			continue
		}
		id, notNumber := strconv.ParseInt(c.Subject, 10, 64)
		if err != nil || notNumber != nil || c.IssuedAt == nil {
			break
		}
		return desk.Credential{UserID: id, Version: c.Version}, nil
	}
	return desk.Credential{}, desk.ErrCredentials
}
