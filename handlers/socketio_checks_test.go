package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// breakpoint is a pgx tracer that stops at the end of one statement until it is released.
type breakpoint struct {
	name             string       // of the query
	left             atomic.Int32 // how often the query still runs until it is stopped; not stopped below 1
	reached, release chan struct{}
}

// queryName is the context key of the name of a query.
type queryName struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (b *breakpoint) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, queryName{}, strings.HasPrefix(d.SQL, "-- name: "+b.name+" "))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (b *breakpoint) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if is, _ := ctx.Value(queryName{}).(bool); is && b.left.Add(-1) == 0 {
		close(b.reached)
		<-b.release
	}
}

// newStoppedApp is newApp with a bus that receives nothing, so that only the checks of rights end
// a right, and with a breakpoint after a query.
func newStoppedApp(t *testing.T, query string) (*app, *breakpoint) {
	t.Helper()
	t.Parallel()
	b := &breakpoint{name: query, reached: make(chan struct{}), release: make(chan struct{})}
	config := dbtest.New(t).Config()
	config.ConnConfig.Tracer = multitracer.New(config.ConnConfig.Tracer, b)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return newAppWith(t, pool, Config{Bus: silentBus{db.NewBus(pool, slog.New(slog.DiscardHandler))}}), b
}

func TestACheckOfARoomAllowsNoEntryOfAfterTheRightHadEnded(t *testing.T) {
	for _, query := range []string{"BearerByVersion", "GetTicket"} {
		t.Run(query, func(t *testing.T) {
			a, check := newStoppedApp(t, query)
			ana, priya := a.customer("Ana").program(), a.admin("Priya")
			id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
			c := priya.program().io(a.srv.URL, nil)
			check.left.Store(2) // the first one is of join-room, and the second one of the check after it
			c.join(id)
			<-check.reached
			a.exec(endings["demoted"], priya.id)
			ana.chat(id, "After the end")
			close(check.release)
			for got := c.next(); got.name != "disconnect" && got.name != "close"; got = c.next() {
				if got.name == "message" && strings.Contains(fmt.Sprint(got.data["message"]), "After the end") {
					t.Error("got the message after the right had ended")
				}
			}
		})
	}
}
