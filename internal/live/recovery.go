package live

import (
	"context"
	"slices"
	"time"
)

// Recovery reads from the database what a bus may have lost.
type Recovery struct {
	// Stored returns the messages that were stored since the last call. They include every
	// change of a right that was committed before the call.
	Stored func(ctx context.Context) ([]string, error)
	// Last returns the seq of the last entry of each topic, 0 for a topic without a log.
	Last func(ctx context.Context, topics []string) ([]int64, error)
}

// recoverEvery is the interval at which a hub reads what the bus may have lost.
const recoverEvery = 2 * time.Second

// runRecovery receives stored messages and wakes the topics that have new entries, every
// recoverEvery until ctx ends.
func (h *Hub) runRecovery(ctx context.Context) {
	tick := time.NewTicker(recoverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := h.recover(ctx); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("reading what the bus may have lost failed", "error", err)
		}
	}
}

// recover does the work of one interval of [Hub.runRecovery].
func (h *Hub) recover(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	if err := h.recall(ctx); err != nil {
		return err
	}
	topics := h.Topics()
	if len(topics) == 0 {
		return nil
	}
	last, err := h.opts.Recovery.Last(ctx, topics)
	if err != nil {
		return err
	}
	for i, name := range topics {
		h.Wake(name, last[i])
	}
	return nil
}

// recall receives the messages that were stored since the last call. When it returns, all of
// them are handled, also those that a concurrent call has read.
func (h *Hub) recall(ctx context.Context) error {
	h.recalling.Lock()
	defer h.recalling.Unlock()
	stored, err := h.opts.Recovery.Stored(ctx)
	for _, m := range stored {
		h.opts.Receive(m)
	}
	return err
}

// removePaused removes the subscriptions from batches whose rights must be checked before they
// may get the entries. It is called after the entries were read, because what was read with them
// may be newer than they are. With Options.Recovery, a right that had ended before an entry was
// committed is then known, whatever the bus has delivered.
func (h *Hub) removePaused(ctx context.Context, batches []*batch) error {
	if h.opts.Recovery != nil {
		ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
		defer cancel()
		if err := h.recall(ctx); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range batches {
		b.subs = slices.DeleteFunc(b.subs, func(s *Subscription) bool { return s.paused })
	}
	return nil
}
