package works

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

// Rates per second of the system that this one replaces, on a machine of this
// kind. Its pages render in the browser, so these are of its JSON. Goals in
// absolute figures are multiples of them.
const (
	firstList    = 640  // a customer's 50 tickets
	firstTicket  = 1200 // one ticket
	firstComment = 525
	firstSignIn  = 34
)

// page is a page to load in turns with its limit.
type page struct {
	work string // name of the work
	what string // what the page shows
	path string
	goal func(report.Row) report.Row // sets the goals of the page's row
}

// list loads the ticket list of a customer of 50 tickets.
func (b *bench) list(ctx context.Context) error {
	return b.page(ctx, page{work: "ticket list", what: "50 rows", path: "/tickets", goal: func(r report.Row) report.Row {
		return r.Wants("≥ 2,880/s, 4.5× the first system's JSON", r.Rate >= 4.5*firstList).WantsShare(.75)
	}})
}

// ticket loads the page of a ticket of 20 entries.
func (b *bench) ticket(ctx context.Context) error {
	return b.page(ctx, page{work: "one ticket", what: "20 entries", path: "/tickets/1", goal: func(r report.Row) report.Row {
		return r.Wants("≥ 3,600/s, 3× the first system's JSON", r.Rate >= 3*firstTicket).WantsShare(.70)
	}})
}

// page loads a page without compression, with gzip and as a browser does, in turns with its
// limit.
func (b *bench) page(ctx context.Context, p page) error {
	cookie, err := testbed.SignIn(b.app, dbseed.UserWithFifty)
	if err != nil {
		return err
	}
	bare, err := limit.StartPage(ctx, &b.bed, b.app, p.path, "Cookie", cookie)
	if err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	defer bare.Stop()
	loaded := func(name string, server *process.Program, codings string) func() (report.Row, error) {
		return func() (report.Row, error) {
			return b.once(ctx, p.work+", "+name, server, load.HTTP{Want: http.StatusOK, Request: func(int, int) []byte { return load.Get(p.path, cookie, codings) }})
		}
	}
	rows, err := b.inTurns(loaded("limit: its queries and bytes, bare", bare, ""), loaded(p.what, b.app, ""),
		loaded(p.what+", gzip", b.app, "gzip"), loaded(p.what+", zstd", b.app, load.Browser))
	if err != nil {
		return err
	}
	bareRate := rows[0].Rate
	b.add(rows[0], p.goal(rows[1].Against(bareRate)), rows[2].Against(bareRate).WantsShare(.70), rows[3].Against(bareRate).WantsShare(.70))
	return nil
}

// comment posts comments by the page's form, each connection to other tickets, in
// turns with PostgreSQL storing the same rows.
func (b *bench) comment(ctx context.Context) error {
	cookie, err := testbed.SignIn(b.app, dbseed.Admin)
	if err != nil {
		return err
	}
	rows, err := b.inTurns(
		func() (report.Row, error) { return b.commentRows(ctx, "comment, limit: its rows alone") },
		func() (report.Row, error) { return b.once(ctx, "comment, posted", b.app, b.commentLoad(cookie)) })
	if err != nil {
		return err
	}
	b.add(rows[0], rows[1].Against(rows[0].Rate).WantsShare(.70))
	return nil
}

// commentRows measures the limit of posting comments, by a form or by the API.
func (b *bench) commentRows(ctx context.Context, name string) (report.Row, error) {
	return limit.Rows{Bed: &b.bed, Writers: b.Conns, Seconds: b.Seconds, Kind: db.EventKindComment, Text: commentText, Where: func(writer, n int) (int64, int64) {
		return int64(b.someTicket(writer, n)), dbseed.Admin
	}}.Measure(ctx, name)
}

// someTicket returns a ticket for the n-th request of a connection: another one for
// each connection and request, and none that other works read.
func (b *bench) someTicket(conn, n int) int { return 1000 + (conn*997+n)%(b.Tickets-1000) }

// commentText is about 170 bytes long. formText is the same text in a form.
var (
	commentText = strings.Repeat("thank you for the answer ", 7)
	formText    = strings.ReplaceAll(commentText, " ", "+")
)
