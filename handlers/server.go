// Package handlers connects the routes with their handlers: the pages (pages), the JSON
// API (api) and the sockets (realtime), which share package web.
package handlers

import (
	"context"
	"net"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/api"
	"frontdesk/handlers/pages"
	"frontdesk/handlers/realtime"
	"frontdesk/handlers/web"
)

// Config has the dependencies of the handlers.
type Config = web.Config

// Server answers requests, and keeps open pages current while it runs.
type Server struct {
	http.Handler
	realtime *realtime.Realtime
	refusal  string // see [Server.Listener]
}

// Run keeps the sockets of open pages current until ctx ends.
func (s *Server) Run(ctx context.Context) { s.realtime.Run(ctx) }

// Listener returns l with the security headers on the refusals of net/http itself.
func (s *Server) Listener(l net.Listener) net.Listener { return web.NewListener(l, s.refusal) }

// Subscriptions returns the number of subscriptions of open pages and API clients.
func (s *Server) Subscriptions() int { return s.realtime.Subscriptions() }

// CloseSockets sends every open page that the desk restarts, closes all sockets and accepts
// no new ones. [http.Server.Shutdown] does not close them.
func (s *Server) CloseSockets() { s.realtime.Close() }

// server has the handlers that the routes name.
type server struct {
	*web.Env
	pages    *pages.Pages
	api      *api.API
	realtime *realtime.Realtime
}

// newServer returns the handlers. It returns an error if the keys are unusable.
func newServer(cfg Config) (*server, error) {
	env, err := web.New(cfg)
	if err != nil {
		return nil, err
	}
	s := &server{Env: env, realtime: realtime.New(env, cfg.Bus)}
	s.pages = pages.New(env, s.realtime.Presence)
	s.api, err = api.New(env, s.documented)
	return s, err
}

// New returns a server with all routes and middleware.
func New(cfg Config) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.IPExtractor = s.Addresses.Text
	e.HTTPErrorHandler = s.HandleError
	e.Pre(web.WithoutSlash)
	e.Use(s.Middleware()...)
	add := func(method, path string, h echo.HandlerFunc) {
		e.Add(method, path, h)
		if method == http.MethodGet {
			e.Add(http.MethodHead, path, h)
		}
	}
	for _, r := range append(s.otherRoutes(), s.pageRoutes()...) {
		s.Routes.Add(r)
		h := s.Allowed(r.Access, r.Handle)
		if r.Access == web.FileAccess {
			h = s.AllowedFile(r.Handle)
		}
		add(r.Method, r.Path, h)
	}
	// There is no catch-all route for the API, because it would hide which methods a path
	// accepts. Unknown paths below /api are answered as JSON by the error handler.
	for _, r := range s.apiRoutes() {
		s.Routes.AddEndpoint(r.Method, "/api"+r.Path, r.Access)
		add(r.Method, "/api"+r.Path, s.AllowedClient(r.Access, r.Handle))
	}
	return &Server{Handler: e, realtime: s.realtime, refusal: s.RefusalHead()}, nil
}

// documented returns the routes that the API's document describes, with whole paths: those
// of the API, and the files that its tickets name.
func (s *server) documented() []api.Route {
	routes := s.apiRoutes()
	for i := range routes {
		routes[i].Path = "/api" + routes[i].Path
	}
	return append(routes, endpoint(http.MethodGet)("/uploads/:name", web.SignedIn, s.pages.Uploads.Download, api.DocDownload))
}
