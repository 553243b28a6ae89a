package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/internal/account"

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

// Origins knows the origin of the desk and those that may call its API. It refuses changes that
// other sites request.
type Origins struct {
	Public  string   // the origin of PUBLIC_URL, or ""
	allowed []string // whose pages may call the API from a browser

	cookies *Cookies
	routes  *Router
	log     *slog.Logger
	noted   atomic.Int64 // when [Origins.Note] last logged, in Unix seconds
}

// crossOrigin refuses changes that another site requests through a browser
// (net/http.CrossOriginProtection, by Sec-Fetch-Site and Origin). A client that
// sends neither, as lynx and w3m do, must name one of our pages in Referer, or send
// the proof of such a page, see [Origins.formProof].
func (o *Origins) crossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	if o.Public != "" {
		_ = protection.AddTrustedOrigin(o.Public) // checked with the configuration
	}
	return func(c echo.Context) error {
		r := c.Request()
		if IsAPI(c) {
			return next(c) // it ignores cookies, so that no other site can act there
		}
		// Open routes ignore cookies too: mail services and the pages of webmail may call them (RFC 8058).
		if o.isFormOfSecretPage(c) || o.routes.isOpen(c) {
			return next(c)
		}
		if err := protection.Check(r); err != nil || !o.comesFromUs(r, o.cookies.SessionToken(c)) {
			return o.refuse(c)
		}
		return next(c)
	}
}

// comesFromUs reports whether a request without Sec-Fetch-Site changes nothing or comes from a
// page of the desk, as Origin or Referer says. Without both it needs the proof of the session
// with the token.
func (o *Origins) comesFromUs(r *http.Request, token string) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	switch {
	case r.Header.Get("Sec-Fetch-Site") != "":
		return true // the other check has read it
	case o.LacksTLS(PageOrigin(r)):
		return false
	case r.Header.Get("Origin") != "":
		return true // the other check has compared its host
	case r.Referer() == "":
		return o.isProven(r, token)
	}
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return false
	}
	return u.Host == r.Host || OriginOf(r.Referer()) == o.Public
}

// OriginOf returns the origin of an address as browsers write it, or "" if it has none.
func OriginOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// refuse returns the error for a request that did not come from a page of the desk.
// It logs a warning if the configuration may be the cause.
func (o *Origins) refuse(c echo.Context) error {
	r := c.Request()
	from := PageOrigin(r)
	if from == "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return echo.NewHTTPError(http.StatusForbidden, "Nothing was changed. Open the desk itself, and do it from its own pages.")
	}
	o.Note(c, from)
	return wrongAddress{o.Public}
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
func (o *Origins) LacksTLS(origin string) bool {
	host, found := strings.CutPrefix(origin, "http://")
	return found && o.Public == "https://"+host
}

// Note logs that a request was refused because of its origin, with the setting to change if users
// reach the desk at that origin. It logs at most once a minute, because any client can cause it.
func (o *Origins) Note(c echo.Context, from string) {
	now, last := time.Now().Unix(), o.noted.Load()
	if now-last < 60 || !o.noted.CompareAndSwap(last, now) {
		return
	}
	advice := "if people reach the desk at this origin, set PUBLIC_URL to it"
	if o.Public != "" {
		advice = "if people reach the desk at this origin, change PUBLIC_URL to it, or send them to PUBLIC_URL"
	}
	r := c.Request()
	o.log.WarnContext(r.Context(), "origin refused", "origin", truncate(from, 200), "host", truncate(r.Host, 200), "public_url", o.Public, "path", truncate(loggedPath(c), 200), "advice", advice)
}

// Base returns the address of the desk, without a slash at the end: PUBLIC_URL, or the
// address of the request.
func (o *Origins) Base(c echo.Context) string {
	if o.Public != "" {
		return o.Public
	}
	return c.Scheme() + "://" + c.Request().Host
}

// InvitationURL returns the whole address of a link of an invitation.
func (o *Origins) InvitationURL(c echo.Context, link account.Link) string {
	return o.Base(c) + "/invitations/" + link.Token
}
