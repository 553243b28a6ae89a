package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

// logged writes one line a request, without addresses' queries (they may hold
// what somebody searched for), cookies or bodies.
func (s *server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		s.underWay.Add(1)
		defer s.underWay.Add(-1)
		id := requestID()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		r, level := c.Request(), slog.LevelInfo
		if s.open[c.Path()] {
			level = slog.LevelDebug
		}
		s.log.LogAttrs(r.Context(), level, "request", slog.String("id", id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", time.Since(start)),
			slog.String("from", c.RealIP()), slog.Int64("user", actorOf(c).ID))
		return nil
	}
}

func requestID() string {
	raw := make([]byte, 8)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// recovered turns a panic into an error: one request fails, the desk goes on.
func (s *server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch r := recover(); {
			case r == http.ErrAbortHandler:
				panic(r)
			case r != nil:
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// csp forbids whatever is not ours and in a file of its own.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, csp)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderReferrerPolicy, "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.secure {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
		}
		return next(c)
	}
}

// crossOrigin refuses deeds that another site asks a browser for
// (net/http.CrossOriginProtection, by Sec-Fetch-Site and Origin). A client that
// sends neither, as lynx and w3m do, must say by Referer that it comes from us.
func (s *server) crossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	if s.public != "" {
		_ = protection.AddTrustedOrigin(s.public) // checked with the configuration
	}
	return func(c echo.Context) error {
		r := c.Request()
		if isAPI(c) {
			return next(c) // it knows no cookies, so nobody can be made to act there
		}
		if err := protection.Check(r); err != nil || !s.comesFromUs(r) {
			return echo.NewHTTPError(http.StatusForbidden, "Nothing was changed. Open the desk itself, and do it from its own pages.")
		}
		return next(c)
	}
}

func (s *server) comesFromUs(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	if r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "" {
		return true // the other check has read them
	}
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return false
	}
	return u.Host == r.Host || originOf(r.Referer()) == s.public
}

// originOf is the origin of an address as browsers write it, "" where it has none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// uploadTime is how long a form with files may take over a slow line.
const uploadTime = 15 * time.Minute

// limited bounds what a request may carry; [server.takesFiles] gives more.
func (s *server) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		c.Set(keyBody, r.Body)
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxFormBody)
		return next(c)
	}
}

// takesFiles makes room and time for a form's files. Before a form that takes
// none, a visitor could otherwise fill the memory and hold on to lines.
func (s *server) takesFiles(c echo.Context) {
	r := c.Request()
	body, ok := c.Get(keyBody).(io.ReadCloser)
	if !ok || !strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return
	}
	r.Body = http.MaxBytesReader(c.Response(), body, desk.MaxFiles*s.desk.MaxUpload()+8<<20)
	control := http.NewResponseController(c.Response())
	_ = control.SetReadDeadline(time.Now().Add(uploadTime)) // a test's recorder has none
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime + time.Minute))
}

// keyBody is where the body stands in a request's context without its limit.
const keyBody = "body"

// drain reads on for a while where a body is refused: a browser that is still
// sending would see a broken connection, and not the answer.
func drain(c echo.Context) {
	if body, ok := c.Get(keyBody).(io.Reader); ok {
		_, _ = io.CopyN(io.Discard, body, 64<<20) // what fails here changes nothing
	}
}

// clientIP is where a request comes from, for limits.
func clientIP(c echo.Context) netip.Addr {
	addr, _ := netip.ParseAddr(c.RealIP())
	return addr.WithZone("")
}

func prefixNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
