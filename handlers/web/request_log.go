package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/requestid"
)

// RequestLog logs, measures and traces requests.
type RequestLog struct {
	addresses *ClientAddresses
	routes    *Router
	log       *slog.Logger
	observe   func(method, route string, status int, took time.Duration)                                                   // see [Config]; may be nil
	trace     func(ctx context.Context, r *http.Request, route string, fromProxy bool) (context.Context, func(status int)) // see [Config]; may be nil
	underWay  atomic.Int64
}

// UnderWay returns the number of requests that are being answered.
func (l *RequestLog) UnderWay() int64 { return l.underWay.Load() }

// logged writes one log entry for each request, also if its answer breaks off. Queries of
// addresses, which may have what a user searched for, cookies and bodies are not logged.
func (l *RequestLog) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start, r := time.Now(), c.Request()
		id := l.requestID(r)
		ctx := requestid.With(r.Context(), id)
		l.underWay.Add(1)
		defer l.underWay.Add(-1)
		defer func() { l.write(c, time.Since(start)) }()
		if l.trace != nil {
			traced, end := l.trace(ctx, r, c.Path(), l.addresses.isFromProxy(r))
			defer func() { end(c.Response().Status) }()
			ctx = traced
		}
		c.SetRequest(r.WithContext(ctx))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

// write measures a request and writes its log entry, at DEBUG for routes without a session.
func (l *RequestLog) write(c echo.Context, took time.Duration) {
	r, level := c.Request(), slog.LevelInfo
	if l.observe != nil {
		l.observe(r.Method, c.Path(), c.Response().Status, took)
	}
	if l.routes.isOpen(c) {
		level = slog.LevelDebug
	}
	l.log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", loggedPath(c)),
		slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took),
		slog.String("from", c.RealIP()), slog.Int64("user", ActorOf(c).ID))
}

// loggedPath returns the path of a request for the log. A token in it is a secret, so the
// path of its route is returned instead.
func loggedPath(c echo.Context) string {
	if strings.Contains(c.Path(), "/:token") {
		return c.Path()
	}
	return c.Request().URL.Path
}

// requestID returns the id of a request: that of a trusted proxy, if it is valid, or a new
// one. Echo's RequestID takes the id that any client sends, so that any client could write
// another request's id into the log.
func (l *RequestLog) requestID(r *http.Request) string {
	if id := r.Header.Get(echo.HeaderXRequestID); requestid.IsValid(id) && l.addresses.isFromProxy(r) {
		return id
	}
	return requestid.New()
}
