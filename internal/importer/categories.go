package importer

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/input"
)

// addCategories implements [target].
func (d *database) addCategories(ctx context.Context, names []string) (known map[string]int64, err error) {
	err = longTx(ctx, d.pool, func(ctx context.Context, q *db.Queries) error {
		known = map[string]int64{}
		if err := q.LockCategories(ctx); err != nil {
			return err
		}
		all, err := q.ListCategories(ctx)
		if err != nil {
			return err
		}
		added, err := addMissing(ctx, q, all, names)
		if err != nil || len(added) == 0 {
			known = categoryKeys(all)
			return err
		}
		if all, err = q.ListCategories(ctx); err != nil {
			return err
		}
		known = categoryKeys(all)
		var entries []Entry
		for _, name := range added {
			entries = append(entries, Entry{Kind: kindCategory, OldID: name, NewID: known[input.NameKey(name)], Note: "added"})
		}
		return addEntries(ctx, q, entries)
	})
	return known, err
}

// addMissing adds categories that are not among all, and returns their names.
func addMissing(ctx context.Context, q *db.Queries, all []db.Category, names []string) (added []string, err error) {
	known := categoryKeys(all)
	for _, name := range names {
		key := input.NameKey(name)
		if known[key] != 0 {
			continue
		}
		if err := q.AddCategory(ctx, db.AddCategoryParams{Name: name, NameKey: key}); err != nil {
			return nil, fmt.Errorf("add the category %q: %w", name, err)
		}
		known[key], added = -1, append(added, name)
	}
	return added, nil
}

// categoryKeys returns the ids of categories by the keys of their names.
func categoryKeys(all []db.Category) map[string]int64 {
	known := map[string]int64{}
	for _, c := range all {
		if key := input.NameKey(c.Name); known[key] == 0 {
			known[key] = c.ID
		}
	}
	return known
}
