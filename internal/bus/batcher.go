package bus

import (
	"context"
	"sync"
	"time"
)

const (
	// gatherTime is the minimum between the beginnings of two batches: a message waits that long at
	// most, and the first one after a pause does not wait.
	gatherTime = 5 * time.Millisecond
	// waitingMost is the maximum number of messages that wait. Older ones are dropped.
	waitingMost = 1 << 16
)

// batcher collects messages and passes them on together, in order.
type batcher struct {
	send func(ctx context.Context, messages []string)
	wake chan struct{} // contains a token if messages wait

	mu      sync.Mutex
	waiting []string
}

func newBatcher(send func(context.Context, []string)) *batcher {
	return &batcher{send: send, wake: make(chan struct{}, 1)}
}

// add adds messages to the next batch.
func (b *batcher) add(messages []string) {
	b.mu.Lock()
	b.waiting = append(b.waiting, messages...)
	if extra := len(b.waiting) - waitingMost; extra > 0 {
		b.waiting = append([]string(nil), b.waiting[extra:]...)
	}
	b.mu.Unlock()
	signal(b.wake)
}

// signal puts a token into c unless it has one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run sends batches until ctx ends, and then what waits.
func (b *batcher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			b.sendWaiting(ctx)
			return
		case <-b.wake:
		}
		pause := time.NewTimer(gatherTime)
		b.sendWaiting(ctx)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

// sendWaiting sends the messages that wait, if there are any.
func (b *batcher) sendWaiting(ctx context.Context) {
	b.mu.Lock()
	messages := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	if len(messages) > 0 {
		b.send(ctx, messages)
	}
}
