package importer

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// load reads the source and writes it to the target.
func load(ctx context.Context, to target, o Options) error {
	s, err := openSource(ctx, o.From, o.Mapping)
	if err != nil {
		return err
	}
	defer s.close()
	b, err := to.start(ctx, s)
	if err != nil {
		return err
	}
	known, err := loadCategories(ctx, to, s)
	if err != nil {
		return err
	}
	if err := loadUsers(ctx, to, s, b, o.Progress); err != nil {
		return err
	}
	c := &converter{users: b.imported, categories: known, base: b.ticketBase, now: b.at}
	if err := loadTickets(ctx, to, s, b, c, o.Progress); err != nil {
		return err
	}
	return to.finish(ctx)
}

// loadCategories adds the categories of the source.
func loadCategories(ctx context.Context, to target, s *source) (map[string]int64, error) {
	names := []string{noCategory}
	for name, err := range s.eachCategory(ctx) {
		if err != nil {
			return nil, err
		}
		names = append(names, categoryName(name))
	}
	return to.categories(ctx, names)
}

// usersBatch is the number of users that are committed together.
const usersBatch = 500

// loadUsers imports the users that are not imported, and adds them to b.imported.
func loadUsers(ctx context.Context, to target, s *source, b begun, progress func(Progress)) error {
	p := &people{base: b.userBase, now: b.at, taken: b.taken}
	var batch []user
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := to.users(ctx, batch); err != nil {
			return fmt.Errorf("write users: %w", err)
		}
		for _, u := range batch {
			b.imported[u.oldID] = u.id
		}
		batch = nil
		progress(Progress{kindUser, int64(len(b.imported)), s.totals.Users})
		return nil
	}
	for u, err := range s.eachUser(ctx) {
		if err != nil {
			return err
		}
		if _, done := b.imported[u.ID]; done {
			continue
		}
		if batch = append(batch, p.convert(u)); len(batch) < usersBatch {
			continue
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return flush()
}

// writers is the number of batches that are written at the same time. Each keeps a core of
// the database busy, mostly with the search index.
const writers = 2

// loadTickets imports the batches that are not imported. While batches are written, the
// next one is read and its files are copied. Batches can be committed in any order: the
// limits of a batch depend only on the source.
func loadTickets(ctx context.Context, to target, s *source, b begun, c *converter, progress func(Progress)) error {
	group, ctx := errgroup.WithContext(ctx)
	converted := make(chan loaded)
	group.Go(func() error {
		defer close(converted)
		return convertTickets(ctx, to, s, b, c, converted)
	})
	var mu sync.Mutex
	for range writers {
		group.Go(func() error {
			for l := range converted {
				if err := to.tickets(ctx, l); err != nil {
					return err
				}
				mu.Lock()
				b.tickets += l.read
				progress(Progress{kindTicket, b.tickets, s.totals.Tickets})
				mu.Unlock()
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// convertTickets sends the batches that are not imported.
func convertTickets(ctx context.Context, to target, s *source, b begun, c *converter, send chan<- loaded) error {
	for read, err := range s.eachBatch(ctx, b.frontier()) {
		if err != nil {
			return err
		}
		if _, done := b.batches[read.after]; done {
			continue
		}
		l, err := c.load(ctx, to, read)
		if err != nil {
			return err
		}
		select {
		case send <- l:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// loaded is a converted batch.
type loaded struct {
	tickets     []ticket
	entries     []Entry
	after, last string // see batch
	read        int64  // the number of tickets of the source
}

// load converts a batch and stores its files.
func (c *converter) load(ctx context.Context, to target, b batch) (loaded, error) {
	l := loaded{after: b.after, last: b.last, read: int64(len(b.tickets))}
	l.tickets, l.entries = c.batch(b)
	files, err := attach(ctx, l.tickets, to.store)
	l.entries = append(l.entries, files...)
	return l, err
}
