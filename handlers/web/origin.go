package web

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// wrongAddress is the error for a request from a page whose origin is not that of the desk,
// as far as the desk knows: PUBLIC_URL may be missing or wrong. Browsers that send
// Sec-Fetch-Site do not get it.
type wrongAddress struct{ public string }

// Error implements error.
func (wrongAddress) Error() string { return "the page's origin is not the desk's" }

// text returns the text of the error, with the right address.
func (e wrongAddress) text() string {
	return "Nothing was changed. Open the desk at " + e.public + " and do it there."
}

// isWithoutAddress reports whether the desk refused a request because it does not know its address.
func isWithoutAddress(err error) bool {
	var address wrongAddress
	return errors.As(err, &address) && address.public == ""
}

// refuseOrigin returns the error for a request that did not come from a page of the desk.
// It logs a warning if the configuration may be the cause.
func (s *Env) refuseOrigin(c echo.Context) error {
	r := c.Request()
	from := PageOrigin(r)
	if from == "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return echo.NewHTTPError(http.StatusForbidden, "Nothing was changed. Open the desk itself, and do it from its own pages.")
	}
	s.NoteOrigin(c, from)
	return wrongAddress{s.Public}
}

// PageOrigin returns the origin of the page that sent a request, from Origin or Referer, or
// "" if the request has neither.
func PageOrigin(r *http.Request) string {
	if origin := OriginOf(r.Header.Get(echo.HeaderOrigin)); origin != "" {
		return origin
	}
	return OriginOf(r.Referer())
}

// LacksTLS reports whether an origin is that of PUBLIC_URL with http instead of https. Anybody on
// the way between a browser and the desk can make such a page.
func (s *Env) LacksTLS(origin string) bool {
	host, found := strings.CutPrefix(origin, "http://")
	return found && s.Public == "https://"+host
}

// originLog limits these warnings to one a minute, because any client can cause them.
type originLog struct{ last atomic.Int64 } // Unix seconds

// NoteOrigin logs that a request was refused because of its origin, with the setting to
// change if users reach the desk at that origin.
func (s *Env) NoteOrigin(c echo.Context, from string) {
	now, last := time.Now().Unix(), s.origin.last.Load()
	if now-last < 60 || !s.origin.last.CompareAndSwap(last, now) {
		return
	}
	advice := "if people reach the desk at this origin, set PUBLIC_URL to it"
	if s.Public != "" {
		advice = "if people reach the desk at this origin, change PUBLIC_URL to it, or send them to PUBLIC_URL"
	}
	r := c.Request()
	s.Log.WarnContext(r.Context(), "origin refused", "origin", truncate(from, 200), "host", truncate(r.Host, 200), "public_url", s.Public, "path", truncate(loggedPath(c), 200), "advice", advice)
}
