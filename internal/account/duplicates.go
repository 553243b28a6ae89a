package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"frontdesk/db"
	"frontdesk/internal/input"
)

// Duplicate is a pair of identifiers with the same key, that is, two spellings of the same
// name. They were stored before keys existed, or by an older version of the program that
// runs beside this one. Both remain valid; the other one is found only by its exact
// spelling.
type Duplicate struct {
	Kind        string // "account" or "category"
	ID, OtherID int64
	Name, Other string
}

const (
	keyBatch      = 500  // the number of accounts read at once
	maxDuplicates = 1000 // the maximum number of duplicates returned
)

// Normalise computes the missing keys of e-mail addresses, and returns the duplicates
// among them. It may run on several replicas at once.
func (s *Addresses) Normalise(ctx context.Context) ([]Duplicate, error) {
	for after := int64(0); ; {
		rows, err := s.q.KeylessAccounts(ctx, db.KeylessAccountsParams{After: after, Max: keyBatch})
		if err != nil {
			return nil, fmt.Errorf("list addresses without a key: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].ID
		// An address that is already in its stored form takes the key first.
		slices.SortStableFunc(rows, func(a, b db.KeylessAccountsRow) int {
			return cmp.Compare(notNormal(input.EmailForm(a.Email), a.Email), notNormal(input.EmailForm(b.Email), b.Email))
		})
		for _, r := range rows {
			if err := s.normaliseAccount(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	if err := s.q.PromoteDuplicates(ctx); err != nil {
		return nil, fmt.Errorf("promote duplicates: %w", err)
	}
	accounts, err := s.q.AccountDuplicates(ctx, maxDuplicates)
	if err != nil {
		return nil, fmt.Errorf("list duplicates: %w", err)
	}
	duplicates := make([]Duplicate, len(accounts))
	for i, r := range accounts {
		duplicates[i] = Duplicate{"account", r.KeptID, r.OtherID, r.Kept, r.Other}
	}
	return duplicates, nil
}

// notNormal returns 0 if an identifier is in its stored form, else 1.
func notNormal(form, stored string) int {
	if form == stored {
		return 0
	}
	return 1
}

// normaliseAccount stores the form and the key of an address, or marks it as a duplicate.
func (s *Addresses) normaliseAccount(ctx context.Context, r db.KeylessAccountsRow) error {
	form, key := input.EmailForm(r.Email), input.EmailKey(r.Email)
	if n := utf8.RuneCountInString(form); n < 3 || n > 254 {
		form = r.Email
	}
	n, err := s.q.NormaliseAccount(ctx, db.NormaliseAccountParams{ID: r.ID, Was: r.Email, Form: form, Key: key})
	if err == nil && n == 0 || db.Violates(err, "users_email_key") { // the latter: another account has taken the key
		err = s.q.MarkDuplicate(ctx, db.MarkDuplicateParams{ID: r.ID, Was: r.Email, Key: key})
	}
	if err != nil {
		return fmt.Errorf("store the key of account %d: %w", r.ID, err)
	}
	return nil
}
