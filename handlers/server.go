// Package handlers is HTTP on one side and the desk on the other: it reads
// requests, calls one verb, and answers with a page, a fragment or a redirect.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/live"
	"frontdesk/static"
)

// Config is what the pages need.
type Config struct {
	Desk           *desk.Desk
	Log            *slog.Logger
	PublicURL      string         // "" where the desk is reached under whatever name
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	DeskName       string
	HelpURL        string
	Location       *time.Location // of dates and days
	Ready          func(context.Context) error
	Bus            live.Bus // between replicas
	TokenKeys      [][]byte // of signed API tokens and kept answers: the first signs and seals, all are accepted
	Instance       string   // tells this desk from others on its host; "" if there are none
	CORSOrigins    []string // whose pages may call the API from a browser
}

// Server answers requests, and keeps open pages current while it runs.
type Server struct {
	http.Handler
	hub      *live.Hub
	presence *live.Presence
	refusal  string // see [Server.Listener]
}

// Run keeps the sockets of open pages current until ctx ends.
func (s *Server) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.presence.Run(ctx) })
	both.Go(func() { s.hub.Run(ctx) })
	both.Wait()
}

// CloseSockets tells every open page that the desk restarts, and takes no new
// ones: [http.Server.Shutdown] knows nothing of them.
func (s *Server) CloseSockets() { s.hub.Close() }

type server struct {
	cfg       Config
	desk      *desk.Desk
	log       *slog.Logger
	sessions  *scs.SessionManager
	public    string // the origin of cfg.PublicURL, "" without
	secure    bool   // reached over https
	routes    router
	hub       *live.Hub
	presence  *live.Presence
	nudges    nudges
	bells     bells
	origin    originNotes
	underWay  atomic.Int64     // requests that are being answered
	heads     limit.Slots      // beginnings of bodies, by network; see bodyFirst
	texts     limit.Slots      // long texts of requests, by user; see textRoom
	lists     limit.Slots      // lists that are being sent, by user
	document  func() *document // of the API
	seals     []seal           // of kept answers
	signer    cookieSigner
	addresses *addresses
	cookieTag string // see cookieName
}

// New wires the routes, with everything that stands before them.
func New(cfg Config) (*Server, error) {
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{cfg: cfg, desk: cfg.Desk, log: cfg.Log, public: originOf(cfg.PublicURL)}
	s.heads, s.texts = limit.Slots{Each: 64, All: 1024}, limit.Slots{Each: 4, All: 32}
	s.lists = limit.Slots{Each: 4, All: 32}
	s.secure, s.cookieTag = strings.HasPrefix(s.public, "https:"), cookieTag(cfg.Instance)
	routes := s.pageRoutes()
	s.routes = newRouter(routes)
	s.sessions = s.newSessions()
	s.document = sync.OnceValue(s.describe)
	s.addresses = newAddresses(cfg.TrustedProxies)
	var err error
	if s.seals, err = newSeals(cfg.TokenKeys); err != nil {
		return nil, err
	}
	if s.signer, err = newCookieSigner(cfg.TokenKeys); err != nil {
		return nil, err
	}
	s.goLive(cfg.Bus)
	e := echo.New()
	e.IPExtractor = func(r *http.Request) string { addr, _ := s.addresses.of(r); return addr.String() }
	e.HTTPErrorHandler = s.handleError
	e.Pre(withoutSlash)
	e.Use(s.logged, s.recovered, s.headers, s.cors, s.crossOrigin, s.bodyFirst, s.limited, s.withSession)
	e.GET("/static/*", echo.WrapHandler(static.Handler()))
	e.HEAD("/static/*", echo.WrapHandler(static.Handler()))
	for _, r := range routes {
		h := s.allowed(r.access, r.handle)
		if r.access == fileAccess {
			h = s.allowedFile(r.handle)
		}
		e.Add(r.method, r.path, h)
		if r.method == http.MethodGet {
			e.Add(http.MethodHead, r.path, h)
		}
	}
	s.addAPI(e)
	return &Server{Handler: e, hub: s.hub, presence: s.presence, refusal: s.refusalHead()}, nil
}

// addAPI adds the routes to the router. What is no route of the API is answered
// as JSON too, by its path: a catch-all would hide which methods a path takes.
func (s *server) addAPI(e *echo.Echo) {
	for _, r := range s.apiRoutes() {
		h := s.apiAllowed(r.access, r.handle)
		e.Add(r.method, "/api"+r.path, h)
		if r.method == http.MethodGet {
			e.Add(http.MethodHead, "/api"+r.path, h)
		}
	}
}
