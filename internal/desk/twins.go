package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"frontdesk/db"
	"frontdesk/internal/input"
)

// Twin is an identifier that is another spelling of one that exists. Both were
// stored before spellings were compared, or by an older version of the program
// that still runs beside this one. Both keep working, the other one by its own
// spelling alone.
type Twin struct {
	Kind        string // "account" or "category"
	ID, OtherID int64
	Name, Other string
}

const (
	twinBatch = 500  // accounts read at once
	maxTwins  = 1000 // accounts reported at most
)

// SettleIdentifiers computes the keys of addresses and category names that have
// none yet, and returns the twins among them. It may run at several replicas at once.
func (d *Desk) SettleIdentifiers(ctx context.Context) ([]Twin, error) {
	for after := int64(0); ; {
		rows, err := d.q.KeylessAccounts(ctx, db.KeylessAccountsParams{After: after, Max: twinBatch})
		if err != nil {
			return nil, fmt.Errorf("list addresses without a key: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].ID
		// An address that is written as it would be stored today goes first.
		slices.SortStableFunc(rows, func(a, b db.KeylessAccountsRow) int {
			return cmp.Compare(misspelt(input.EmailForm(a.Email), a.Email), misspelt(input.EmailForm(b.Email), b.Email))
		})
		for _, r := range rows {
			if err := d.settleAccount(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	if err := d.q.PromoteTwins(ctx); err != nil {
		return nil, fmt.Errorf("promote twins: %w", err)
	}
	accounts, err := d.q.AccountTwins(ctx, maxTwins)
	if err != nil {
		return nil, fmt.Errorf("list twins: %w", err)
	}
	twins := convert(accounts, func(r db.AccountTwinsRow) Twin { return Twin{"account", r.KeptID, r.OtherID, r.Kept, r.Other} })
	categories, err := d.settleCategories(ctx)
	return append(twins, categories...), err
}

func misspelt(form, stored string) int {
	if form == stored {
		return 0
	}
	return 1
}

// settleAccount stores the form and the key of an address, or marks it as a twin.
func (d *Desk) settleAccount(ctx context.Context, r db.KeylessAccountsRow) error {
	form, key := input.EmailForm(r.Email), input.EmailKey(r.Email)
	if n := utf8.RuneCountInString(form); n < 3 || n > 254 {
		form = r.Email
	}
	n, err := d.q.SettleAccount(ctx, db.SettleAccountParams{ID: r.ID, Was: r.Email, Form: form, Key: key})
	if err == nil && n == 0 || db.Violates(err, "users_email_key") { // the latter: another took the key meanwhile
		err = d.q.MarkTwin(ctx, db.MarkTwinParams{ID: r.ID, Was: r.Email, Key: key})
	}
	if err != nil {
		return fmt.Errorf("store the key of account %d: %w", r.ID, err)
	}
	return nil
}

// settleCategories does for categories what [Desk.SettleIdentifiers] does for
// addresses. There are few of them.
func (d *Desk) settleCategories(ctx context.Context) (twins []Twin, err error) {
	err = d.tx(ctx, func(q *db.Queries) error {
		twins = nil
		if err := q.LockCategories(ctx); err != nil {
			return fmt.Errorf("lock categories: %w", err)
		}
		all, err := q.ListCategories(ctx)
		if err != nil {
			return fmt.Errorf("list categories: %w", err)
		}
		// Those that have their key keep it, then the best spelt, then the oldest.
		slices.SortStableFunc(all, func(a, b Category) int {
			return cmp.Or(cmp.Compare(unsettled(a), unsettled(b)), cmp.Compare(misspelt(input.NameForm(a.Name), a.Name), misspelt(input.NameForm(b.Name), b.Name)), cmp.Compare(a.ID, b.ID))
		})
		first, rest := map[string]Category{}, []Category{}
		for _, c := range all {
			if kept, twin := first[input.NameKey(c.Name)]; twin {
				twins = append(twins, Twin{"category", kept.ID, c.ID, kept.Name, c.Name})
				err = cmp.Or(err, settleCategory(ctx, q, c, true))
			} else {
				first[input.NameKey(c.Name)], rest = c, append(rest, c)
			}
		}
		for _, c := range rest { // after the twins, which may stand in their way
			err = cmp.Or(err, settleCategory(ctx, q, c, false))
		}
		return err
	})
	return twins, err
}

func unsettled(c Category) int {
	if c.NameKey == nil || c.NameTwin {
		return 1
	}
	return 0
}

// settleCategory stores the form and the key of a name. A twin keeps its spelling.
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
