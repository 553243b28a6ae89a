package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// Any client with a signed link can fetch one file for a few minutes without a token: for
// an <img> or a download, which cannot send one.

// LinkTime is how long a signed link lasts.
const LinkTime = 5 * time.Minute

// LinkSign returns the signature of a link to a file (HMAC-SHA-256). The prefix of the
// signed text separates it from everything else that the key signs.
func LinkSign(key []byte, name, until, by string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("link to a file\x00" + name + "\x00" + until + "\x00" + by))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// IsLinked reports whether a request is for a file, with a valid signed link that has not
// expired.
func (s *Env) IsLinked(c echo.Context) bool {
	if c.Path() != "/uploads/:name" || c.QueryParam("sign") == "" {
		return false
	}
	until := c.QueryParam("until")
	end, err := strconv.ParseInt(until, 10, 64)
	left := time.Unix(end, 0).Sub(s.Desk.Now())
	if err != nil || left <= 0 || left > LinkTime {
		return false
	}
	for _, key := range s.Cfg.TokenKeys {
		if hmac.Equal([]byte(c.QueryParam("sign")), []byte(LinkSign(key, c.Param("name"), until, c.QueryParam("by")))) {
			return true
		}
	}
	return false
}

// DownloadLinked serves a file to a client with a signed link. The download ends when the
// right of the link's maker ends.
func (s *Env) DownloadLinked(c echo.Context) error {
	maker, file, content, err := s.Desk.Files.OpenLinked(c.Request().Context(), c.QueryParam("by"), c.Param("name"))
	if err != nil {
		return err
	}
	return ServeFile(c, file, NewRightsReader(content, s.whileHolds(c, maker)))
}
