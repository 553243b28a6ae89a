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

// Settle computes the missing name keys of categories and returns the twins among them,
// as [account.Service.SettleAddresses] does for e-mail addresses. It reads all categories
// at once, because there are few.
func (s *Categories) Settle(ctx context.Context) (twins []account.Twin, err error) {
	err = s.tx(ctx, func(q *db.Queries) error {
		twins = nil
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
			return cmp.Or(cmp.Compare(unsettled(a), unsettled(b)), cmp.Compare(misspelt(a), misspelt(b)), cmp.Compare(a.ID, b.ID))
		})
		first, rest := map[string]Category{}, []Category{}
		for _, c := range all {
			if kept, twin := first[input.NameKey(c.Name)]; twin {
				twins = append(twins, account.Twin{Kind: "category", ID: kept.ID, OtherID: c.ID, Name: kept.Name, Other: c.Name})
				err = cmp.Or(err, settleCategory(ctx, q, c, true))
			} else {
				first[input.NameKey(c.Name)], rest = c, append(rest, c)
			}
		}
		for _, c := range rest { // after the twins, which may have had the same key
			err = cmp.Or(err, settleCategory(ctx, q, c, false))
		}
		return err
	})
	return twins, err
}

// unsettled returns 1 for a category that has no key of its own, else 0.
func unsettled(c Category) int {
	if c.NameKey == nil || c.NameTwin {
		return 1
	}
	return 0
}

// settleCategory stores the form and the key of a category's name. A twin keeps its
// spelling.
func settleCategory(ctx context.Context, q *db.Queries, c Category, twin bool) error {
	form, key := input.NameForm(c.Name), input.NameKey(c.Name)
	if twin || form == "" {
		form = c.Name
	}
	if c.NameKey != nil && *c.NameKey == key && c.NameTwin == twin && c.Name == form {
		return nil
	}
	if err := q.SettleCategory(ctx, db.SettleCategoryParams{ID: c.ID, Form: form, Key: key, Twin: twin}); err != nil {
		return fmt.Errorf("store the key of category %d: %w", c.ID, err)
	}
	return nil
}

// misspelt returns 0 if the name is in its stored form, else 1.
func misspelt(c Category) int {
	if c.Name == input.NameForm(c.Name) {
		return 0
	}
	return 1
}
