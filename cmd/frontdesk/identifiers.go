package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"frontdesk/internal/account"
)

// normaliseTimeout is how long the start waits until identifiers without a key have one. The
// remaining ones get a key while the desk is served.
const normaliseTimeout = 2 * time.Second

// normalise computes the keys of identifiers that have none yet. It logs each pair
// of duplicates once. A failure is logged, because the desk works without them.
func (a *app) normalise(ctx context.Context) {
	addresses, err1 := a.desk.Accounts.Addresses.Normalise(ctx)
	categories, err2 := a.desk.Categories.Normalise(ctx)
	if err := errors.Join(err1, err2); err != nil {
		a.log.Warn("identifiers not normalised", "error", err)
	}
	for _, t := range append(addresses, categories...) {
		if a.reported[t] {
			continue
		}
		if a.reported == nil {
			a.reported = map[account.Duplicate]bool{}
		}
		a.reported[t] = true
		a.log.Warn("duplicate identifiers",
			"kind", t.Kind, "id", t.ID, "name", strconv.QuoteToASCII(t.Name), "other_id", t.OtherID, "other", strconv.QuoteToASCII(t.Other),
			"advice", "they differ only in spelling; both keep working, the other only in its exact spelling; rename one")
	}
}

// normaliseAtStart is normalise with the time limit normaliseTimeout.
func (a *app) normaliseAtStart(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, normaliseTimeout)
	defer cancel()
	a.normalise(ctx)
}
