package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
)

// The limit of a page is a bare Echo handler that asks the page's own queries
// of the same database and answers the page's own bytes, rendered beforehand;
// that of the API is the same without Echo. It runs in a process of its own, as
// the desk does, and stands at the same paths.

// limitArg, as a program's first argument, makes it that server.
const limitArg = "serve-limit"

// startPageLimit starts the limit of a page.
func (b *bench) startPageLimit(ctx context.Context, cookie, path string) (*program, error) {
	return b.startLimit(ctx, path, "Cookie", cookie)
}

// startLimit starts a server that answers what the desk answers at a path now,
// to a request with that header.
func (b *bench) startLimit(ctx context.Context, path, header, value string) (*program, error) {
	body, err := b.app.body(ctx, path, header, value)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, "limit.body")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	_, token, _ := strings.Cut(value, "=")
	sum := sha256.Sum256([]byte(token))
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, limitArg, b.cluster.URL("postgres"), file)
	return startCommand(ctx, cmd, "LIMIT_SESSION="+hex.EncodeToString(sum[:]))
}

// body is what the program answers at a path, uncompressed.
func (p *program) body(ctx context.Context, path, header, value string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set(header, value)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func serveLimit(url, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pool, err := db.Open(context.Background(), url, 10)
	if err != nil {
		return err
	}
	l := bare{pool: pool, q: db.New(pool), body: body, session: os.Getenv("LIMIT_SESSION")}
	e := echo.New()
	e.GET("/tickets", l.list)
	e.GET("/tickets/1", l.ticket)
	mux := http.NewServeMux()
	mux.Handle("/", e)
	mux.HandleFunc("GET /api/tickets", l.apiList)
	mux.HandleFunc("GET /api/tickets/1", l.apiTicket)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("ready at http://%s\n", listener.Addr())
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Second}).Serve(listener)
}

type bare struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	body    []byte
	session string // hash of the token
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
	return c.HTMLBlob(http.StatusOK, l.body)
}

func (l bare) list(c echo.Context) error {
	ctx := c.Request().Context()
	if err := l.findSession(ctx); err != nil {
		return err
	}
	if _, err := db.ReadOwnListPage(ctx, l.pool, db.ListOwnTicketsParams{Viewer: dbseed.Fifty, Max: listing.PageSize + 1}); err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, l.body)
}
