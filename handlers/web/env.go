// Package web has what every handler needs: the actor of a request, the middleware, the
// one table of errors, the reading of forms and the writing of answers, cookies and
// sessions, signed tokens, and the JSON shapes of the API. docs/design.md says why each part
// that a library could do is written by hand.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/doctor"
	"frontdesk/internal/live"
)

// Config has what the handlers need from outside.
type Config struct {
	Desk           *desk.Desk
	Log            *slog.Logger   // nil discards
	PublicURL      string         // "" if the desk is reached under any name
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is trusted
	DeskName       string
	HelpURL        string
	Location       *time.Location // of dates and days; nil is UTC
	Ready          func(context.Context) error
	Bus            live.Bus // between replicas
	BusLoses       bool     // Bus can lose messages, or deliver them in another order than that of the commits
	TokenKeys      [][]byte // of signed API tokens and kept answers: the first signs and seals, all are accepted
	Instance       string   // distinguishes this desk from others on its host; "" if there are none
	CORSOrigins    []string // whose pages may call the API from a browser

	// Observe is called after each request with the pattern of its route ("" if there is
	// none) and the time it took; nil if nothing measures.
	Observe func(method, route string, status int, took time.Duration)

	// Trace begins the trace of a request with the pattern of its route, and returns the
	// context of the request and a function that ends the trace with the status; nil if there
	// are no traces. fromProxy is whether a trusted proxy has sent the request.
	Trace func(ctx context.Context, r *http.Request, route string, fromProxy bool) (context.Context, func(status int))

	// Checks has the findings about the desk and its machine; nil if there are no checks.
	Checks *doctor.Recent

	// DemoLinks has the users that the links of a throw-away desk sign in, by the secret of
	// each link. Other desks have none.
	DemoLinks map[string]account.SignInInput
}

// Env has what all handlers share. It is safe for concurrent use once every route is added.
type Env struct {
	Cfg     Config
	Desk    *desk.Desk
	Log     *slog.Logger
	Secure  bool // whether the desk is reached over https
	Routes  *Router
	Cookies *Cookies

	SignedTokens *SignedTokens
	FileLinks    *FileLinks
	Origins      *Origins
	Addresses    *ClientAddresses
	RequestLog   *RequestLog
	Rights       *Rights
	Bodies       *Bodies
	Forms        *Forms
	Sessions     *Sessions
	KeptForms    *KeptForms

	flashes flashes
}

// New returns the environment of the handlers. It returns an error if the keys are unusable.
func New(cfg Config) (*Env, error) {
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Env{Cfg: cfg, Desk: cfg.Desk, Log: cfg.Log, Routes: newRouter(),
		Addresses: newClientAddresses(cfg.TrustedProxies, cfg.Log)}
	s.RequestLog = &RequestLog{addresses: s.Addresses, routes: s.Routes, log: s.Log, observe: cfg.Observe, trace: cfg.Trace}
	public := OriginOf(cfg.PublicURL)
	s.Secure = strings.HasPrefix(public, "https:")
	signer, err := NewCookieSigner(cfg.TokenKeys)
	s.Cookies = &Cookies{secure: s.Secure, tag: cookieTag(cfg.Instance), signer: signer}
	s.SignedTokens, s.FileLinks = NewSignedTokens(cfg.TokenKeys, cfg.Desk.Now), NewFileLinks(cfg.TokenKeys, cfg.Desk.Now)
	s.Origins = &Origins{Public: public, allowed: cfg.CORSOrigins, cookies: s.Cookies, routes: s.Routes, log: s.Log}
	s.Rights = &Rights{cfg.Desk.Accounts.Sessions, cfg.Desk.Now}
	s.Bodies = newBodies(s.Addresses, s.Routes, cfg.Desk.Files)
	s.Forms = &Forms{s.Bodies, s.Rights, cfg.Desk.Files}
	s.flashes = flashes{s.Cookies, cfg.Desk.Now}
	s.Sessions = newSessions(s.Cookies, cfg.Desk, s.Log)
	s.KeptForms = &KeptForms{s.Sessions, s.Forms, cfg.Desk.Requests, s.Routes, s.Log}
	return s, err
}

// Middleware returns the middleware of every request, the outermost first.
func (s *Env) Middleware() []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{s.RequestLog.logged, recovered, s.headers, s.Origins.cors, s.Origins.crossOrigin, s.Bodies.readEarly, s.Bodies.limited, s.withSession}
}
