package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/input"
)

// Normalise computes the missing name keys of categories and returns the duplicates among them,
// as [account.Addresses.Normalise] does for e-mail addresses. It reads all categories
// at once, because there are few.
func (s *Categories) Normalise(ctx context.Context) (duplicates []account.Duplicate, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		duplicates = nil
		if err := q.LockCategories(ctx); err != nil {
			return fmt.Errorf("lock categories: %w", err)
		}
		all, err := q.ListCategories(ctx)
		if err != nil {
			return fmt.Errorf("list categories: %w", err)
		}
		// A category that has its key keeps it. Among the others, one whose name is
		// already in its stored form goes first, then the oldest.
		slices.SortStableFunc(all, func(a, b Category) int {
			return cmp.Or(cmp.Compare(lacksKey(a), lacksKey(b)), cmp.Compare(notNormal(a), notNormal(b)), cmp.Compare(a.ID, b.ID))
		})
		first, rest := map[string]Category{}, []Category{}
		for _, c := range all {
			if kept, taken := first[input.NameKey(c.Name)]; taken {
				duplicates = append(duplicates, account.Duplicate{Kind: "category", ID: kept.ID, OtherID: c.ID, Name: kept.Name, Other: c.Name})
				if err := normaliseCategory(ctx, q, c, true); err != nil {
					return err
				}
			} else {
				first[input.NameKey(c.Name)], rest = c, append(rest, c)
			}
		}
		for _, c := range rest { // after the duplicates, which may have had the same key
			if err := normaliseCategory(ctx, q, c, false); err != nil {
				return err
			}
		}
		return nil
	})
	return duplicates, err
}

// lacksKey returns 1 for a category that has no key of its own, else 0.
func lacksKey(c Category) int {
	if c.NameKey == nil || c.NameTwin {
		return 1
	}
	return 0
}

// normaliseCategory stores the form and the key of a category's name. A duplicate keeps its
// spelling.
func normaliseCategory(ctx context.Context, q *db.Queries, c Category, duplicate bool) error {
	form, key := input.NameForm(c.Name), input.NameKey(c.Name)
	if duplicate || form == "" {
		form = c.Name
	}
	if c.NameKey != nil && *c.NameKey == key && c.NameTwin == duplicate && c.Name == form {
		return nil
	}
	if err := q.NormaliseCategory(ctx, db.NormaliseCategoryParams{ID: c.ID, Form: form, Key: key, Twin: duplicate}); err != nil {
		return fmt.Errorf("store the key of category %d: %w", c.ID, err)
	}
	return nil
}

// notNormal returns 0 if the name is in its stored form, else 1.
func notNormal(c Category) int {
	if c.Name == input.NameForm(c.Name) {
		return 0
	}
	return 1
}
