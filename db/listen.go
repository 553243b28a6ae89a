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

// channel is the NOTIFY channel of all replicas on one database.
const channel = "frontdesk"

// Bus carries wake-ups between the replicas on one database, by LISTEN and NOTIFY.
type Bus struct {
	pool *pgxpool.Pool
	log  *slog.Logger
}

// The names of connections that listen. Replicas that get the messages by NATS as well need not
// get those of other such replicas by NOTIFY.
const (
	listenName       = "frontdesk listen"
	listenBesideName = listenName + " " + senderMark
)

// NewBus returns the bus of a database. Broken connections are logged to log.
func NewBus(pool *pgxpool.Pool, log *slog.Logger) *Bus { return &Bus{pool, log} }

// Publish sends a message of less than 8,000 bytes to every replica, including this one.
func (b *Bus) Publish(ctx context.Context, message string) error {
	_, err := b.pool.Exec(ctx, "select pg_notify($1, $2)", channel, message)
	return err
}

// Listen calls receive for every message, in the order of the commits, until ctx ends. It
// reconnects after a failure. It calls begun after each connect, the first one included,
// because messages that were sent before are not repeated.
func (b *Bus) Listen(ctx context.Context, begun func(), receive func(message string)) {
	b.listenAs(ctx, listenName, begun, receive)
}

// ListenBeside is [Bus.Listen] for a replica that is connected to NATS. It gets the messages of
// the other programs: replicas without NATS, commands, and replicas that have lost NATS.
func (b *Bus) ListenBeside(ctx context.Context, begun func(), receive func(message string)) {
	b.listenAs(ctx, listenBesideName, begun, receive)
}

// PublishAll sends messages to every replica that listens, in one transaction.
func (b *Bus) PublishAll(ctx context.Context, messages []string) error {
	return New(b.pool).NotifyReplicas(ctx, messages)
}

// HasListeners reports whether there are replicas that get messages by NOTIFY only.
func (b *Bus) HasListeners(ctx context.Context) (bool, error) {
	return New(b.pool).HasListeners(ctx, listenName)
}

// listenAs is [Bus.Listen] on a connection with the given name.
func (b *Bus) listenAs(ctx context.Context, name string, begun func(), receive func(message string)) {
	const least, most = 50 * time.Millisecond, 2 * time.Second
	wait := least
	for ctx.Err() == nil {
		err := b.listen(ctx, name, func() { wait = least; begun() }, receive)
		if ctx.Err() != nil {
			return
		}
		b.log.Warn("listening for notifications failed", "error", err, "retry_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, most)
	}
}

// quiet is how long a connection may receive nothing before it is tested.
const quiet = 10 * time.Second

// listen listens on a new connection outside the pool until it fails. The pool closes
// connections, and with them their LISTEN.
func (b *Bus) listen(ctx context.Context, name string, begun func(), receive func(string)) error {
	cfg := b.pool.Config().ConnConfig // a copy
	cfg.RuntimeParams["application_name"] = name
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
			receive(n)
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			if err := ping(ctx, conn); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// next returns the next message. The error is [context.DeadlineExceeded] if there was
// none for the time quiet.
func next(ctx context.Context, conn *pgx.Conn) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, quiet)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

// ping returns an error if the server does not answer within 3 seconds, as on a connection
// that was cut without notice.
func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	return nil
}
