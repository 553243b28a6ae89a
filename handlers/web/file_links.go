package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// LinkTime is how long a signed link lasts.
const LinkTime = 5 * time.Minute

// FileLinks makes and checks signed links to files. Any client with such a link can fetch one
// file for a few minutes without a token: for an <img> or a download, which cannot send one.
type FileLinks struct {
	keys [][]byte // the first signs, all are accepted
	now  func() time.Time
}

// NewFileLinks returns links that are signed by the first key and accepted with any of them.
func NewFileLinks(keys [][]byte, now func() time.Time) *FileLinks { return &FileLinks{keys, now} }

// Address returns the path of a file with a signed link, valid for [LinkTime], as long as the
// right that by names holds, see [desk.Files.Link].
func (l *FileLinks) Address(name, by string) string {
	until := strconv.FormatInt(l.now().Add(LinkTime).Unix(), 10)
	query := url.Values{"until": {until}, "by": {by}, "sign": {signLink(l.keys[0], name, until, by)}}
	return "/uploads/" + name + "?" + query.Encode()
}

// Has reports whether a request is for a file, with a valid signed link that has not expired.
func (l *FileLinks) Has(c echo.Context) bool {
	if c.Path() != "/uploads/:name" || c.QueryParam("sign") == "" {
		return false
	}
	until := c.QueryParam("until")
	end, err := strconv.ParseInt(until, 10, 64)
	left := time.Unix(end, 0).Sub(l.now())
	if err != nil || left <= 0 || left > LinkTime {
		return false
	}
	for _, key := range l.keys {
		if hmac.Equal([]byte(c.QueryParam("sign")), []byte(signLink(key, c.Param("name"), until, c.QueryParam("by")))) {
			return true
		}
	}
	return false
}

// signLink returns the signature of a link to a file (HMAC-SHA-256). The prefix of the
// signed text separates it from everything else that the key signs.
func signLink(key []byte, name, until, by string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("link to a file\x00" + name + "\x00" + until + "\x00" + by))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
