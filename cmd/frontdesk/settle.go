package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"frontdesk/internal/account"
)

// settleTime is how long the start waits until identifiers without a key have one. The
// remaining ones get theirs while the desk is served.
const settleTime = 2 * time.Second

// settle computes the keys of identifiers that have none yet. It logs each pair
// of twins once. A failure is logged, because the desk works without them.
func (a *app) settle(ctx context.Context) {
	addresses, err1 := a.desk.Accounts.SettleAddresses(ctx)
	categories, err2 := a.desk.Categories.Settle(ctx)
	if err := errors.Join(err1, err2); err != nil {
		a.log.Warn("identifiers not settled", "error", err)
	}
	for _, t := range append(addresses, categories...) {
		if a.told[t] {
			continue
		}
		if a.told == nil {
			a.told = map[account.Twin]bool{}
		}
		a.told[t] = true
		a.log.Warn("two identifiers differ in spelling alone: both keep working, the other by its own spelling; rename one",
			"kind", t.Kind, "id", t.ID, "name", strconv.QuoteToASCII(t.Name), "other_id", t.OtherID, "other", strconv.QuoteToASCII(t.Other))
	}
}

// settleAtStart is settle with the time limit settleTime.
func (a *app) settleAtStart(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	a.settle(ctx)
}
