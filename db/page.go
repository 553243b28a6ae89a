package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// usualEntries is the initial capacity for entries. Few tickets have more.
const usualEntries = 32

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
	page := TicketPage{Entries: make([]TimelineEntriesRow, 0, min(entries.Max, usualEntries))}
	batch := &pgx.Batch{}
	batch.Queue(timelineReads, ticket.ID, ticket.Viewer).Query(func(rows pgx.Rows) error {
		return scanAll(rows, &page.Reads, func(i *TimelineReadsRow, to []any) []any {
			return append(to, &i.UserID, &i.Seq, &i.Unread, &i.Notified)
		})
	})
	batch.Queue(getTicket, ticket.ID, ticket.SeesAll, ticket.Viewer).QueryRow(func(row pgx.Row) error {
		i := &page.Ticket
		return row.Scan(&i.ID, &i.RequesterID, &i.RequesterName, &i.RequesterEmail, &i.Subject, &i.Description, &i.CategoryID, &i.Category,
			(*string)(&i.Priority), (*string)(&i.Status), &i.Version, &i.LastSeq, &i.CommentCount, &i.FileCount, &i.WaitingSince, &i.CreatedAt, &i.UpdatedAt)
	})
	batch.Queue(timelineEntries, entries.TicketID, entries.Before, entries.Max).Query(func(rows pgx.Rows) error {
		return scanAll(rows, &page.Entries, func(i *TimelineEntriesRow, to []any) []any {
			return append(to, &i.Seq, (*string)(&i.Kind), &i.AuthorID, &i.Author, (*string)(&i.AuthorRole), &i.Side, &i.Body, &i.Data, &i.CreatedAt)
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
