package limit

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"frontdesk/db"
	"frontdesk/db/dbseed"
)

// bearer runs the query for the account of a bearer token.
func (p pages) bearer(ctx context.Context, id int64) error {
	_, err := p.q.BearerByVersion(ctx, db.BearerByVersionParams{ID: id, SessionVer: 1})
	return err
}

func (p pages) send(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	_, _ = w.Write(p.body) // fails only if the client has gone
}

func (p pages) apiTicket(w http.ResponseWriter, r *http.Request) {
	err := p.bearer(r.Context(), dbseed.UserWithFifty)
	if err == nil {
		_, err = p.q.OneTicketForAPI(r.Context(), db.OneTicketForAPIParams{ID: 1, Viewer: dbseed.UserWithFifty})
	}
	p.send(w, err)
}

// WholeBatch is how many tickets the limit of the whole list reads at once. It
// need not be the number that the desk reads at once.
const WholeBatch = 1000

// apiList answers with a customer's list of 50 tickets or, with ?whole, with the
// list of all tickets.
func (p pages) apiList(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if r.URL.Query().Has("whole") {
		p.wholeList(ctx, w)
		return
	}
	err := p.bearer(ctx, dbseed.UserWithFifty)
	if err == nil {
		_, err = p.q.FeedOwnTickets(ctx, db.FeedOwnTicketsParams{Viewer: dbseed.UserWithFifty, Before: math.MaxInt64, Max: 100, MaxBytes: math.MaxInt64})
	}
	p.send(w, err)
}

// wholeList reads all tickets in batches. Its body holds the bytes of one batch,
// which it sends once for each.
func (p pages) wholeList(ctx context.Context, w http.ResponseWriter) {
	err := p.bearer(ctx, dbseed.Admin)
	params := db.FeedAllTicketsParams{Before: math.MaxInt64, Max: WholeBatch, MaxBytes: math.MaxInt64}
	for err == nil {
		var rows []db.FeedAllTicketsRow
		if rows, err = p.q.FeedAllTickets(ctx, params); err != nil {
			break
		}
		_, _ = w.Write(p.body[:len(p.body)*len(rows)/WholeBatch]) // fails only if the client has gone
		if len(rows) < WholeBatch {
			return
		}
		params.Before = rows[len(rows)-1].ID
	}
	p.send(w, err)
}
