package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Browsers send a cookie to every port of its host (RFC 6265, 8.5). The names of
// cookies that matter therefore carry a tag of the desk: two desks on one host do
// not read or replace each other's.

// The names of cookies, before the tag of the desk.
const (
	SessionCookie = "frontdesk_session"
	FlashCookie   = "frontdesk_flash"
)

// cookieTag returns the suffix of the names of a desk's cookies, or "" if instance is "".
func cookieTag(instance string) string {
	if instance == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(instance))
	return "_" + hex.EncodeToString(sum[:4])
}

// Cookies has the names and the attributes of the desk's cookies, and signs their content.
type Cookies struct {
	secure bool   // whether the desk is reached over https
	tag    string // of this desk, see cookieTag
	signer CookieSigner
}

// name returns the name of a cookie of this desk.
func (k *Cookies) name(base string) string { return k.oldName(base + k.tag) }

// oldName returns the name without the tag, as earlier versions set it. Over https
// it has the prefix __Host-: browsers then accept the cookie only from this host (RFC
// 6265bis, 4.1.3).
func (k *Cookies) oldName(base string) string {
	if k.secure {
		return "__Host-" + base
	}
	return base
}

// New returns a cookie for the whole desk that no script can read. maxAge is in seconds: 0 is
// until the browser ends, and a negative one removes the cookie.
func (k *Cookies) New(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode}
}

// SessionToken returns the session token that the browser sent, or "".
func (k *Cookies) SessionToken(c echo.Context) string {
	if cookie, err := c.Cookie(k.name(SessionCookie)); err == nil {
		return cookie.Value
	}
	return k.oldSessionToken(c)
}

// oldSessionToken returns the session token in a cookie with the name of earlier versions, or "".
// It may belong to another desk on the same host; then no session is found for it.
func (k *Cookies) oldSessionToken(c echo.Context) string {
	cookie, err := c.Cookie(k.oldName(SessionCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// CookieSigner signs the content of cookies, so that only the desk can set it.
type CookieSigner struct{ keys [][]byte } // the first signs, all are accepted

// NewCookieSigner returns a signer with keys derived from the secrets. Without secrets it
// uses a random one, which is lost when the process ends.
func NewCookieSigner(secrets [][]byte) (CookieSigner, error) {
	if len(secrets) == 0 {
		secrets = [][]byte{make([]byte, sha256.Size)}
		rand.Read(secrets[0])
	}
	var c CookieSigner
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "frontdesk cookies", sha256.Size)
		if err != nil {
			return c, err
		}
		c.keys = append(c.keys, key)
	}
	return c, nil
}

// Sign returns the value of the cookie name, valid until the given time.
func (c CookieSigner) Sign(name string, content []byte, until time.Time) string {
	signed := base64.RawURLEncoding.EncodeToString(content) + "." + strconv.FormatInt(until.Unix(), 10)
	return signed + "." + c.proof(name, signed)
}

// read returns the content that [CookieSigner.Sign] signed, or false if the value was not
// signed for that name, has expired, or would be valid for longer than life.
func (c CookieSigner) read(name, value string, now time.Time, life time.Duration) ([]byte, bool) {
	at := strings.LastIndexByte(value, '.')
	if at < 0 {
		return nil, false
	}
	packed, until, _ := strings.Cut(value[:at], ".")
	end, err := strconv.ParseInt(until, 10, 64)
	left := time.Unix(end, 0).Sub(now)
	content, err2 := base64.RawURLEncoding.DecodeString(packed)
	if err != nil || err2 != nil || left <= 0 || left > life {
		return nil, false
	}
	return content, c.proves(value[at+1:], name, value[:at])
}

// proof returns a signature of a text for the purpose name.
func (c CookieSigner) proof(name, text string) string { return signature(c.keys[0], name, text) }

// proves reports whether given is the proof of a text for that purpose, with any of the keys.
func (c CookieSigner) proves(given, name, text string) bool {
	return slices.ContainsFunc(c.keys, func(key []byte) bool { return hmac.Equal([]byte(given), []byte(signature(key, name, text))) })
}

// signature returns the signature (HMAC-SHA-256) of a text for the purpose name.
func signature(key []byte, name, signed string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(name + "\x00" + signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// ThemeCookie is the name of the cookie with the theme that a user chose.
const ThemeCookie = "frontdesk_theme"
