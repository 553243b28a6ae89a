package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The initial capacities for entries, and for readers and files. Few tickets have more.
const (
	usualEntries = 32
	usualFew     = 4
)

// TicketPage has the rows of the page of one ticket.
type TicketPage struct {
	Reads   []TimelineReadsRow
	Ticket  GetTicketRow
	Entries []TimelineEntriesRow // newest first
	Files   []TimelineFilesRow
}

// ReadTicketPage runs the four queries of the page in one round trip. The error is
// [pgx.ErrNoRows] if the viewer may not read the ticket. The read positions are queried
// first, so that an entry that arrives in between counts as unread.
func ReadTicketPage(ctx context.Context, pool *pgxpool.Pool, ticket GetTicketParams, entries TimelineEntriesParams) (TicketPage, error) {
	var page TicketPage
	batch := &pgx.Batch{}
	queue(ctx, batch, (*Queries).TimelineReads, TimelineReadsParams{TicketID: ticket.ID, Viewer: ticket.Viewer}).Query(func(rows pgx.Rows) (err error) {
		page.Reads, err = rowsByName[TimelineReadsRow](rows, usualFew)
		return err
	})
	queue(ctx, batch, (*Queries).GetTicket, ticket).Query(func(rows pgx.Rows) (err error) {
		page.Ticket, err = rowByName[GetTicketRow](rows)
		return err
	})
	queue(ctx, batch, (*Queries).TimelineEntries, entries).Query(func(rows pgx.Rows) (err error) {
		page.Entries, err = rowsByName[TimelineEntriesRow](rows, int(min(entries.Max, usualEntries)))
		return err
	})
	queue(ctx, batch, (*Queries).TimelineFiles, TimelineFilesParams{TicketID: ticket.ID, IsStaff: ticket.IsStaff, Viewer: ticket.Viewer}).Query(func(rows pgx.Rows) (err error) {
		page.Files, err = rowsByName[TimelineFilesRow](rows, usualFew)
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return TicketPage{}, err
	}
	return page, nil
}
