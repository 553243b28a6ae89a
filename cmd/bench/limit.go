package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/desk"
)

// The limit of a page is a bare Echo handler that asks the page's own queries
// of the same database and answers the page's own bytes, rendered beforehand.
// It runs in a process of its own, as the desk does.

// limitArg, as a program's first argument, makes it that server.
const limitArg = "serve-limit"

// limitOf measures a page's limit: the rate of its queries and bytes alone.
func (b *bench) limitOf(ctx context.Context, kind, cookie, path string) (float64, error) {
	html, _, err := b.transfer(path, cookie)
	if err != nil {
		return 0, err
	}
	file := b.dir + "/limit.html"
	if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
		return 0, err
	}
	_, token, _ := strings.Cut(cookie, "=")
	sum := sha256.Sum256([]byte(token))
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, limitArg, b.cluster.URL("postgres"), file)
	p, err := startCommand(ctx, cmd, "LIMIT_SESSION="+hex.EncodeToString(sum[:]))
	if err != nil {
		return 0, err
	}
	defer p.stop()
	r, err := b.loaded(ctx, p, load{want: http.StatusOK, request: func(int, int) []byte { return get("/"+kind, cookie, false) }})
	return r.Rate, err
}

func serveLimit(url, file string) error {
	html, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pool, err := db.Open(context.Background(), url, 10)
	if err != nil {
		return err
	}
	l := bare{pool: pool, q: db.New(pool), html: html, session: os.Getenv("LIMIT_SESSION")}
	e := echo.New()
	e.GET("/list", l.list)
	e.GET("/ticket", l.ticket)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("ready at http://%s\n", listener.Addr())
	return (&http.Server{Handler: e, ReadHeaderTimeout: time.Second}).Serve(listener)
}

type bare struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	html    []byte
	session string
}

func (l bare) findSession(ctx context.Context) error {
	now := time.Now()
	_, err := l.q.FindSession(ctx, db.FindSessionParams{TokenHash: l.session, Now: now, IdleSince: now.Add(-time.Hour)})
	return err
}

func (l bare) ticket(c echo.Context) error {
	ctx := c.Request().Context()
	if err := l.findSession(ctx); err != nil {
		return err
	}
	_, err := db.ReadTicketPage(ctx, l.pool, db.GetTicketParams{ID: 1, Viewer: dbseed.Fifty}, db.TimelineEntriesParams{TicketID: 1, Before: math.MaxInt64, Max: desk.PageEntries + 1})
	if err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, l.html)
}

func (l bare) list(c echo.Context) error {
	ctx := c.Request().Context()
	if err := l.findSession(ctx); err != nil {
		return err
	}
	if _, err := db.ReadOwnListPage(ctx, l.pool, db.ListOwnTicketsParams{Viewer: dbseed.Fifty, Max: desk.PageSize + 1}, db.CountOwnTicketsParams{Viewer: dbseed.Fifty, Cap: desk.CountCap}); err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, l.html)
}
