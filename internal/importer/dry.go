package importer

import (
	"context"
	"sync"
	"time"

	"frontdesk/db"
	"frontdesk/internal/input"
	"frontdesk/internal/upload"
)

// dryRun is a target that writes only the report.
type dryRun struct {
	q       *db.Queries
	uploads uploads
	now     time.Time
	report  *report
	totals  summaries
	notes   []Entry // the first entries with a note
	next    int64   // the id of the next category or account
	mu      sync.Mutex
}

// start implements [target].
func (d *dryRun) start(ctx context.Context, s *source) (importState, error) {
	b := importState{imported: map[string]int64{}, taken: map[string]bool{}, at: d.now}
	if err := refuseTickets(ctx, d.q); err != nil {
		return b, err
	}
	rows, err := d.q.KeyedAccounts(ctx)
	if err != nil {
		return b, err
	}
	for _, r := range rows {
		b.taken[r.Key] = true
		d.next = max(d.next, r.ID)
	}
	b.userBase, d.next = s.userIDs.base(d.next + 1)
	matches, err := matchAccounts(rows, s.eachUser(ctx), s.userIDs.kept)
	if err != nil {
		return b, err
	}
	p, err := planAccounts(matches, s.userIDs.kept, d.nextID)
	if err != nil {
		return b, err
	}
	b.imported = p.merged
	return b, d.add(p.entries)
}

// nextID returns a new id.
func (d *dryRun) nextID() (int64, error) {
	d.next++
	return d.next - 1, nil
}

// addCategories implements [target].
func (d *dryRun) addCategories(ctx context.Context, names []string) (map[string]int64, error) {
	all, err := d.q.ListCategories(ctx)
	if err != nil {
		return nil, err
	}
	known := categoryKeys(all)
	var entries []Entry
	for _, name := range names {
		if key := input.NameKey(name); known[key] == 0 {
			known[key] = int64(len(known) + 1)
			entries = append(entries, Entry{Kind: kindCategory, OldID: name, NewID: known[key], Note: "added"})
		}
	}
	return known, d.add(entries)
}

// addUsers implements [target].
func (d *dryRun) addUsers(_ context.Context, all []user) error {
	for _, u := range all {
		if err := d.add([]Entry{u.entry()}); err != nil {
			return err
		}
	}
	return nil
}

// storeFile implements [target]. It only checks whether there is such a file.
func (d *dryRun) storeFile(_ context.Context, attachment string) (*upload.File, error) {
	return d.uploads.check(attachment)
}

// addTickets implements [target].
func (d *dryRun) addTickets(_ context.Context, l loaded) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(l.entries)
}

// finish implements [target].
func (d *dryRun) finish(context.Context) error { return nil }

// add counts entries and writes them to the report.
func (d *dryRun) add(entries []Entry) error {
	for _, e := range entries {
		d.totals.add(e)
		if e.Note != "" && len(d.notes) < maxNotes {
			d.notes = append(d.notes, e)
		}
		if err := d.report.add(e); err != nil {
			return err
		}
	}
	return nil
}
