package bus

import "context"

// PendingMessages is the maximum number of batches that wait to be received.
const PendingMessages = pendingMessages

// IsBridging reports whether messages are sent by NOTIFY, too.
func (b *Bus) IsBridging() bool { return b.bridging.Load() }

// ListenWithoutNATS listens as a replica without NATS does.
func (b *Bus) ListenWithoutNATS(ctx context.Context, begun func(), receive func(string)) {
	b.opts.Database.Listen(ctx, begun, receive)
}

// Dropped returns the number of batches that were dropped.
func (b *Bus) Dropped() int {
	n, _ := b.subscription.Dropped()
	return n
}
