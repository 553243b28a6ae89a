package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TicketPage is what the page of one ticket is made of.
type TicketPage struct {
	Reads   []TimelineReadsRow
	Ticket  GetTicketRow
	Entries []TimelineEntriesRow // newest first
	Files   []TimelineFilesRow
}

// ReadTicketPage sends the four queries of the page in one round trip. A ticket
// that the viewer may not read is [pgx.ErrNoRows], and nothing else is returned.
// How far one had read is asked first, so that a line which arrives in between
// counts as unread rather than as read.
func ReadTicketPage(ctx context.Context, pool *pgxpool.Pool, ticket GetTicketParams, entries TimelineEntriesParams) (TicketPage, error) {
	var page TicketPage
	batch := &pgx.Batch{}
	batch.Queue(timelineReads, ticket.ID).Query(func(rows pgx.Rows) (err error) {
		page.Reads, err = pgx.CollectRows(rows, pgx.RowToStructByPos[TimelineReadsRow])
		return err
	})
	batch.Queue(getTicket, ticket.ID, ticket.SeesAll, ticket.Viewer).Query(func(rows pgx.Rows) (err error) {
		page.Ticket, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[GetTicketRow])
		return err
	})
	batch.Queue(timelineEntries, entries.TicketID, entries.Before, entries.Max).Query(func(rows pgx.Rows) error {
		return scanAll(rows, &page.Entries, func(i *TimelineEntriesRow, to []any) []any {
			return append(to, &i.Seq, &i.Kind, &i.AuthorID, &i.Author, &i.AuthorRole, &i.Body, &i.Data, &i.CreatedAt)
		})
	})
	batch.Queue(timelineFiles, ticket.ID).Query(func(rows pgx.Rows) (err error) {
		page.Files, err = pgx.CollectRows(rows, pgx.RowToStructByPos[TimelineFilesRow])
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return TicketPage{}, err
	}
	return page, nil
}
