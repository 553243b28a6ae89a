package limit

import (
	"context"
	"math"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
)

// pages is the server of the limit of pages and of the API.
type pages struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	body    []byte // of every answer
	session string // hash of the session's token
}

// servePages serves the bytes of a file at the paths of the desk.
func servePages(url, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pool, err := db.Open(context.Background(), url, 10)
	if err != nil {
		return err
	}
	p := pages{pool: pool, q: db.New(pool), body: body, session: os.Getenv("LIMIT_SESSION")}
	e := echo.New()
	e.GET("/tickets", p.list)
	e.GET("/tickets/1", p.ticket)
	mux := http.NewServeMux()
	mux.Handle("/", e)
	mux.HandleFunc("GET /api/tickets", p.apiList)
	mux.HandleFunc("GET /api/tickets/1", p.apiTicket)
	return serve(mux)
}

func (p pages) findSession(ctx context.Context) error {
	now := time.Now()
	_, err := p.q.FindSessions(ctx, db.FindSessionsParams{TokenHashes: p.session, Now: now, IdleSince: now.Add(-time.Hour), MaxUnread: account.MaxUnread + 2})
	return err
}

func (p pages) ticket(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.findSession(ctx); err != nil {
		return err
	}
	_, err := db.ReadTicketPage(ctx, p.pool, db.GetTicketParams{ID: 1, Viewer: dbseed.UserWithFifty}, db.TimelineEntriesParams{TicketID: 1, Before: math.MaxInt64, Max: desk.PageEntries + 1})
	if err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, p.body)
}

func (p pages) list(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.findSession(ctx); err != nil {
		return err
	}
	if _, err := db.ReadOwnListPage(ctx, p.pool, db.ListOwnTicketsParams{Viewer: dbseed.UserWithFifty, Max: listing.PageSize + 1}); err != nil {
		return err
	}
	return c.HTMLBlob(http.StatusOK, p.body)
}
