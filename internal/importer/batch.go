package importer

import (
	"context"
	"iter"
)

const (
	// batchTickets is the number of tickets that are committed together.
	batchTickets = 250
	// batchBytes is the number of bytes of text that ends a batch early.
	batchBytes = 8 << 20
)

// batch has successive tickets of the source.
type batch struct {
	tickets []sourceTicket
	strays  []stray
	after   string // the id of the ticket before the first one; "" if there is none
	last    string // the id of the last ticket, or after if there are no tickets
	bytes   int
}

// stray is a comment or a message of a ticket that does not exist.
type stray struct {
	kind string
	sourceEntry
}

// eachBatch returns the tickets after an id, with their comments and messages. The last
// batch may have no tickets, but strays of the end. The three tables are read at the same
// time in the same order, each once.
func (s *source) eachBatch(ctx context.Context, after string) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		comments := s.newEntryStream(ctx, entryTable{kindComment, "Comment", "text", "userId", 1}, after)
		defer comments.stop()
		messages := s.newEntryStream(ctx, entryTable{kindMessage, "Message", "message", "senderId", 2}, after)
		defer messages.stop()
		b := batch{after: after, last: after}
		for t, err := range s.eachTicket(ctx, after) {
			if err == nil {
				t.Comments, err = comments.take(&b, t.ID)
			}
			if err == nil {
				t.Messages, err = messages.take(&b, t.ID)
			}
			if err != nil {
				yield(b, err)
				return
			}
			if b.add(t); len(b.tickets) < batchTickets && b.bytes < batchBytes {
				continue
			}
			if !yield(b, nil) {
				return
			}
			b = batch{after: b.last, last: b.last}
		}
		err := comments.rest(&b)
		if err == nil {
			err = messages.rest(&b)
		}
		yield(b, err)
	}
}

// add adds a ticket with its entries.
func (b *batch) add(t sourceTicket) {
	b.tickets, b.last = append(b.tickets, t), t.ID
	b.bytes += len(t.Subject) + len(t.Description)
	for _, all := range [][]sourceEntry{t.Comments, t.Messages} {
		for _, e := range all {
			b.bytes += len(e.Text)
		}
	}
}

// entryTable is a table of comments or messages.
type entryTable struct {
	kind, model  string
	text, author string // fields
	stream       int    // the transaction that reads it
}

// entryStream is a stream of comments or messages with a look-ahead of one.
type entryStream struct {
	s    *source
	kind string
	pull func() (sourceEntry, error, bool)
	stop func()
	next sourceEntry
	more bool
	err  error
}

// newEntryStream returns the entries of a table for the tickets after an id. The caller
// must call stop.
func (s *source) newEntryStream(ctx context.Context, from entryTable, after string) *entryStream {
	h := &entryStream{s: s, kind: from.kind}
	h.pull, h.stop = iter.Pull2(s.eachEntry(ctx, from, after))
	h.advance()
	return h
}

// advance reads the next entry.
func (h *entryStream) advance() { h.next, h.err, h.more = h.pull() }

// take returns the entries of a ticket, and adds those before it to the strays of b.
func (h *entryStream) take(b *batch, ticket string) (taken []sourceEntry, err error) {
	for ; h.more && h.err == nil; h.advance() {
		switch order := h.s.compare(h.next.TicketID, ticket); {
		case order > 0:
			return taken, nil
		case order == 0:
			taken = append(taken, h.next)
		default:
			b.stray(h)
		}
	}
	return taken, h.err
}

// rest adds all that is left to the strays of b.
func (h *entryStream) rest(b *batch) error {
	for ; h.more && h.err == nil; h.advance() {
		b.stray(h)
	}
	return h.err
}

// stray adds the next entry to the strays. Their texts are not kept.
func (b *batch) stray(h *entryStream) {
	e := h.next
	e.Text = ""
	b.strays = append(b.strays, stray{h.kind, e})
}
