package web

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// wrongAddress is a request whose page has another address than the desk knows
// for itself: PUBLIC_URL is not set, or names another one. Browsers that say
// whether the site is another one (Sec-Fetch-Site) do not get here.
type wrongAddress struct{ public string }

func (wrongAddress) Error() string { return "the page's origin is not the desk's" }

// refuseOrigin returns the error for a request that did not come from our own
// pages. If that may be the operator's mistake, the log says so.
func (s *Env) refuseOrigin(r *http.Request) error {
	from := PageOrigin(r)
	if from == "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return echo.NewHTTPError(http.StatusForbidden, "Nothing was changed. Open the desk itself, and do it from its own pages.")
	}
	s.NoteOrigin(r, from)
	return wrongAddress{s.Public}
}

// PageOrigin returns the origin of the page that a request comes from, by Origin
// or Referer; "" if the request does not say.
func PageOrigin(r *http.Request) string {
	if origin := OriginOf(r.Header.Get(echo.HeaderOrigin)); origin != "" {
		return origin
	}
	return OriginOf(r.Referer())
}

// originNotes limits the log to one line a minute: strangers can cause it.
type originNotes struct{ last atomic.Int64 } // Unix seconds

// NoteOrigin tells the operator that a request was refused for its origin, and
// which setting would let it in if the desk is reached under that address.
func (s *Env) NoteOrigin(r *http.Request, from string) {
	now, last := time.Now().Unix(), s.origin.last.Load()
	if now-last < 60 || !s.origin.last.CompareAndSwap(last, now) {
		return
	}
	advice := "if people reach the desk at this origin, set PUBLIC_URL to it"
	if s.Public != "" {
		advice = "if people reach the desk at this origin, change PUBLIC_URL to it, or send them to PUBLIC_URL"
	}
	s.Log.Warn("origin refused", "origin", truncate(from, 200), "host", truncate(r.Host, 200), "public_url", s.Public, "path", truncate(r.URL.Path, 200), "advice", advice)
}
