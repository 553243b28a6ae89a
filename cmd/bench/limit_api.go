package main

import (
	"context"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
)

// bearer asks for the account of a token that says whose it is.
func (l bare) bearer(ctx context.Context, id int64) error {
	_, err := l.q.BearerByVersion(ctx, db.BearerByVersionParams{ID: id, SessionVer: 1})
	return err
}

func (l bare) send(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(l.body)))
	_, _ = w.Write(l.body) // the client went away
}

func (l bare) apiTicket(w http.ResponseWriter, r *http.Request) {
	err := l.bearer(r.Context(), dbseed.Fifty)
	if err == nil {
		_, err = l.q.OneTicketForAPI(r.Context(), db.OneTicketForAPIParams{ID: 1, Viewer: dbseed.Fifty})
	}
	l.send(w, err)
}

// wholeBatch is how many tickets the limit of the whole list reads at once. The
// desk may read other numbers at once.
const wholeBatch = 1000

// apiList is a customer's list of 50 or, asked with ?whole, everybody's: then
// the bytes are those of one batch, and are sent again for each.
func (l bare) apiList(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if !r.URL.Query().Has("whole") {
		err := l.bearer(ctx, dbseed.Fifty)
		if err == nil {
			_, err = l.q.FeedOwnTickets(ctx, db.FeedOwnTicketsParams{Viewer: dbseed.Fifty, Before: math.MaxInt64, Max: 100})
		}
		l.send(w, err)
		return
	}
	err := l.bearer(ctx, dbseed.Admin)
	p := db.FeedAllTicketsParams{Before: math.MaxInt64, Max: wholeBatch}
	for err == nil {
		var rows []db.FeedAllTicketsRow
		if rows, err = l.q.FeedAllTickets(ctx, p); err != nil {
			break
		}
		_, _ = w.Write(l.body[:len(l.body)*len(rows)/wholeBatch]) // the client went away
		if len(rows) < wholeBatch {
			return
		}
		p.Before = rows[len(rows)-1].ID
	}
	l.send(w, err)
}

// hashAlone is how many passwords a second all cores together hash, for one run.
func (b *bench) hashAlone(ctx context.Context, name string) (row, error) {
	until := time.Now().Add(time.Duration(b.Seconds * float64(time.Second)))
	var all []time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := time.Now()
	for range runtime.NumCPU() {
		wg.Go(func() {
			for time.Now().Before(until) && ctx.Err() == nil {
				began := time.Now()
				account.HashPassword(password)
				mu.Lock()
				all = append(all, time.Since(began))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return newSample(all, time.Since(start)).row(name), ctx.Err()
}
