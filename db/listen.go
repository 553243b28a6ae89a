package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// channel is where every replica on one database listens.
const channel = "frontdesk"

// Bus carries wake-ups between the replicas on one database, by LISTEN and NOTIFY.
type Bus struct {
	pool *pgxpool.Pool
	log  *slog.Logger
}

// NewBus makes the bus of a database. log hears of a line that broke.
func NewBus(pool *pgxpool.Pool, log *slog.Logger) *Bus { return &Bus{pool, log} }

// Publish sends a message of less than 8,000 bytes to every replica, this one too.
func (b *Bus) Publish(ctx context.Context, message string) error {
	_, err := b.pool.Exec(ctx, "select pg_notify($1, $2)", channel, message)
	return err
}

// Listen calls hear for every message, in the order of their commits, until ctx
// ends. A broken line is made anew; whenever it stands, the first time too, it
// calls begun: what was sent before is never repeated.
func (b *Bus) Listen(ctx context.Context, begun func(), hear func(message string)) {
	const least, most = 50 * time.Millisecond, 2 * time.Second
	wait := least
	for ctx.Err() == nil {
		err := b.listen(ctx, func() { wait = least; begun() }, hear)
		if ctx.Err() != nil {
			return
		}
		b.log.Warn("the line to the database's notifications broke; making it anew", "error", err, "in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, most)
	}
}

// quiet is how long the line may be silent before it is tried.
const quiet = 10 * time.Second

// listen holds one connection of its own: the pool's come and go.
func (b *Bus) listen(ctx context.Context, begun func(), hear func(string)) error {
	cfg := b.pool.Config().ConnConfig // a copy
	cfg.RuntimeParams["application_name"] = "frontdesk listen"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	begun()
	for {
		n, err := next(ctx, conn)
		switch {
		case err == nil:
			hear(n)
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			if err := ping(ctx, conn); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func next(ctx context.Context, conn *pgx.Conn) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, quiet)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

// ping finds a line that is dead without having said so.
func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	return nil
}
