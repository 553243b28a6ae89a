package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/handlers"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
	"frontdesk/internal/outbox"
)

// liveDesk is a complete server with its own database and an admin.
type liveDesk struct {
	desk *desk.Desk
	opts desk.Options // the options of desk
	pool *pgxpool.Pool
	base string // its address, such as http://127.0.0.1:34567
}

const adminEmail = "priya@example.org"

var plenty = limit.Limit{N: 100_000, Per: time.Hour}

// startDesk wires a desk as the program does and serves it, without limits, until the test ends.
func startDesk(t *testing.T, change ...func(*desk.Options)) liveDesk {
	t.Helper()
	return startLimitedDesk(t, limit.Limits{SignIn: plenty, Register: plenty, Tickets: plenty, Uploads: plenty}, change...)
}

// startLimitedDesk is startDesk with these limits.
func startLimitedDesk(t *testing.T, limits limit.Limits, change ...func(*desk.Options)) liveDesk {
	t.Helper()
	pool := dbtest.New(t)
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opts := desk.Options{Blobs: blobs, Limits: limits, Cost: account.Cost{Memory: 64, Time: 1}} // fast hashing
	for _, f := range change {
		f(&opts)
	}
	d := desk.New(pool, opts)
	if err := d.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Accounts.Operator.SeedAdmin(t.Context(), adminEmail, password); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	box := outbox.New(pool, outbox.Options{}, d.Notifications.Consumers()...)
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler, err := handlers.New(handlers.Config{
		Desk: d, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), PublicURL: base,
		DeskName: "Lindqvist Bikes", Location: time.UTC, TokenKeys: [][]byte{[]byte("a key of thirty-two bytes, or more")},
		Ready: func(ctx context.Context) error { return pool.Ping(ctx) },
		Bus:   hintingBus{db.NewBus(pool, slog.New(slog.DiscardHandler)), box.Wake},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { handler.Run(ctx) })
	running.Go(func() { box.Run(ctx) })
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(func() { handler.CloseSockets(); server.Close(); stop(); running.Wait() })
	return liveDesk{desk: d, opts: opts, pool: pool, base: base}
}

// notified waits until all events have been delivered as notifications.
func (d liveDesk) notified(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var queued int
		if err := d.pool.QueryRow(t.Context(), "select count(*) from outbox_queue").Scan(&queued); err != nil {
			t.Fatal(err)
		}
		if queued == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d events are still queued", queued)
		}
	}
}
