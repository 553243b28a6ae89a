package importer

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// loader copies a source to a target.
type loader struct {
	target
	*source
	importState
	progress   func(Progress)
	categories map[string]int64 // by the key of the name
	mu         sync.Mutex       // for importState.tickets and progress
}

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
	l := &loader{target: to, source: s, importState: b, progress: o.Progress}
	for _, step := range []func(context.Context) error{l.loadCategories, l.loadUsers, l.loadTickets, l.finish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// loadCategories adds the categories of the source.
func (l *loader) loadCategories(ctx context.Context) (err error) {
	names := []string{noCategory}
	for name, err := range l.eachCategory(ctx) {
		if err != nil {
			return err
		}
		names = append(names, categoryName(name))
	}
	l.categories, err = l.addCategories(ctx, names)
	return err
}

// usersBatch is the number of users that are committed together.
const usersBatch = 500

// loadUsers imports the users that are not imported.
func (l *loader) loadUsers(ctx context.Context) error {
	p := &userConverter{base: l.userBase, now: l.at, taken: l.taken}
	var batch []user
	for u, err := range l.eachUser(ctx) {
		if err != nil {
			return err
		}
		if _, done := l.imported[u.ID]; done {
			continue
		}
		if batch = append(batch, p.convert(u)); len(batch) < usersBatch {
			continue
		}
		if err := l.write(ctx, batch); err != nil {
			return err
		}
		batch = nil
	}
	return l.write(ctx, batch)
}

// write writes users, and adds them to the imported ones.
func (l *loader) write(ctx context.Context, batch []user) error {
	if len(batch) == 0 {
		return nil
	}
	if err := l.addUsers(ctx, batch); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	for _, u := range batch {
		l.imported[u.oldID] = u.id
	}
	l.progress(Progress{kindUser, int64(len(l.imported)), l.totals.Users})
	return nil
}

// writers is the number of batches that are written at the same time. Each keeps a core of
// the database busy, mostly with the search index.
const writers = 2

// loadTickets imports the batches that are not imported. While batches are written, the
// next one is read and its files are copied. Batches can be committed in any order: the
// limits of a batch depend only on the source.
func (l *loader) loadTickets(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	converted := make(chan loaded)
	group.Go(func() error {
		defer close(converted)
		return l.convert(ctx, converted)
	})
	for range writers {
		group.Go(func() error {
			for batch := range converted {
				if err := l.addTickets(ctx, batch); err != nil {
					return err
				}
				if batch.read > 0 {
					l.report(batch)
				}
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// report reports the progress after a batch.
func (l *loader) report(b loaded) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tickets += b.read
	l.progress(Progress{kindTicket, l.tickets, l.totals.Tickets})
}

// loaded is a converted batch with its files.
type loaded struct {
	tickets     []ticket
	entries     []Entry
	after, last string // see batch
	read        int64  // the number of tickets of the source
}

// convert converts the batches that are not imported, stores their files and sends them to the
// writers.
func (l *loader) convert(ctx context.Context, send chan<- loaded) error {
	c := &converter{users: l.imported, categories: l.categories, base: l.ticketBase, now: l.at}
	for b, err := range l.eachBatch(ctx, l.frontier()) {
		if err != nil {
			return err
		}
		if _, done := l.batches[b.after]; done {
			continue
		}
		converted := loaded{after: b.after, last: b.last, read: int64(len(b.tickets))}
		converted.tickets, converted.entries = c.batch(b)
		files, err := attach(ctx, converted.tickets, l.storeFile)
		if err != nil {
			return err
		}
		converted.entries = append(converted.entries, files...)
		select {
		case send <- converted:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
