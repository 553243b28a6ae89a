package bus

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// payloadBytes is the maximum length of a batch in bytes. A NATS server accepts 1 MiB.
	payloadBytes = 128 << 10
	// separator is between the messages of a batch. No message contains it.
	separator = "\n"

	// A server that is frozen is noticed after pingEvery and one further interval.
	pingEvery   = time.Second
	connectTime = 2 * time.Second
	retryEvery  = 500 * time.Millisecond

	// Messages that wait in this program to be received. If there are more, some are dropped.
	pendingMessages = 4096 // batches
	pendingBytes    = 16 << 20
)

// CheckURL returns an error, without the password, if NATS_URL is not a list of addresses such as
// nats://user:password@host:4222, comma-separated.
func CheckURL(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(strings.TrimSpace(text))
		if err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return errors.New("NATS_URL must be an address such as nats://user:password@nats.example.org:4222, or several of them separated by commas; with tls:// the connection is encrypted")
		}
	}
	return nil
}

// Check connects to NATS once and returns why that fails, without the password.
func Check(ctx context.Context, url string) error {
	wait := connectTime
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(end))
	}
	conn, err := nats.Connect(url, nats.Timeout(wait), nats.Name("frontdesk check"))
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.FlushTimeout(wait)
}

// connect connects to NATS and subscribes. The library connects again whenever the connection is
// lost, also if the credentials are refused: they may be corrected on the server.
func (b *Bus) connect(ctx context.Context) {
	conn, err := nats.Connect(b.opts.URL, nats.Name("frontdesk"), nats.NoEcho(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(retryEvery), nats.ReconnectJitter(retryEvery, retryEvery), nats.Timeout(connectTime), nats.FlusherTimeout(connectTime),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(1),
		nats.ConnectHandler(func(c *nats.Conn) { b.connected(ctx, c) }), nats.ReconnectHandler(func(c *nats.Conn) { b.connected(ctx, c) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.lost(ctx, err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.lost(ctx, err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.failed(ctx, err) }))
	if err != nil {
		b.lost(ctx, err)
		return
	}
	context.AfterFunc(ctx, conn.Close)
}

// connected records that NATS is connected, and subscribes after the first connect. The library
// calls it and the other handlers one at a time.
func (b *Bus) connected(ctx context.Context, conn *nats.Conn) {
	if b.conn.Load() == nil {
		if err := b.subscribe(conn); err != nil {
			b.lost(ctx, fmt.Errorf("subscribe: %w", err))
			return
		}
		b.conn.Store(conn)
	}
	// After the answer to a ping, the server has the subscription.
	if err := conn.FlushTimeout(connectTime); err != nil {
		return // the connection is lost again
	}
	if b.state.connect() {
		b.opts.Log.Info("connected to NATS", "server", conn.ConnectedUrlRedacted())
		signal(b.changed)
	}
}

// subscribe receives the batches of the other replicas, also after the next connects.
func (b *Bus) subscribe(conn *nats.Conn) error {
	var err error
	b.subscription, err = conn.Subscribe(b.opts.Subject, func(m *nats.Msg) { b.receiveBatch(string(m.Data)) })
	if err != nil {
		return err
	}
	return b.subscription.SetPendingLimits(pendingMessages, pendingBytes)
}

// receiveBatch passes the messages of a batch of another replica to the receiver.
func (b *Bus) receiveBatch(batch string) {
	for m := range strings.SplitSeq(batch, separator) {
		b.state.received.Add(1)
		b.deliver(m)
	}
}

// publish sends messages in batches of payloadBytes at most.
func publish(conn *nats.Conn, subject string, messages []string) error {
	for len(messages) > 0 {
		n, size := 1, len(messages[0])
		for n < len(messages) && size+len(separator)+len(messages[n]) <= payloadBytes {
			size += len(separator) + len(messages[n])
			n++
		}
		if err := conn.Publish(subject, []byte(strings.Join(messages[:n], separator))); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

// lost records that NATS is not connected, and why. Batches that were sent last may not have
// arrived, so all replicas read again what they cannot find in the logs of tickets.
func (b *Bus) lost(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // at shutdown
	}
	was, news := b.state.lose(err)
	if news {
		b.opts.Log.Warn("NATS cannot be reached", "error", err, "meanwhile", "messages between replicas are sent by NOTIFY of PostgreSQL")
	}
	if was {
		b.toDatabase.add([]string{Missed})
		signal(b.changed)
	}
}

// failed handles an error that the server reports, or the subscription: messages were dropped if
// they arrived faster than they were received.
func (b *Bus) failed(ctx context.Context, err error) {
	switch {
	case errors.Is(err, nats.ErrSlowConsumer):
		b.opts.Log.Warn("messages of NATS were dropped", "error", err)
		b.readAgain()
	case errors.Is(err, nats.ErrPermissionViolation):
		b.lost(ctx, err)
	default:
		b.opts.Log.Warn("NATS reports an error", "error", err)
	}
}
