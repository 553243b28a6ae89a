package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// A signed link lets whoever has it fetch one file for a few minutes, without a
// token: for an <img> or a download, where none can be sent.

// LinkTime is how long a signed link lasts.
const LinkTime = 5 * time.Minute

// LinkSign is what proves that we made a link. The words before it keep it apart
// from everything else that the key signs.
func LinkSign(key []byte, name, until, by string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("link to a file\x00" + name + "\x00" + until + "\x00" + by))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// IsLinked reports whether a file is asked for by a link that we signed, and that
// is not over.
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

// DownloadLinked serves a file to a client with a link to it, while the right holds
// by which the link was made.
func (s *Env) DownloadLinked(c echo.Context) error {
	maker, file, content, err := s.Desk.Files.OpenLinked(c.Request().Context(), c.QueryParam("by"), c.Param("name"))
	if err != nil {
		return err
	}
	return ServeFile(c, file, NewRightsReader(content, s.whileHolds(c, maker)))
}
