package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OwnListPage is what a customer's list of tickets is made of.
type OwnListPage struct {
	Rows       []FilterTicketsRow
	Categories []Category
}

// ReadOwnListPage sends the two queries of the page in one round trip.
func ReadOwnListPage(ctx context.Context, pool *pgxpool.Pool, list ListOwnTicketsParams) (OwnListPage, error) {
	page := OwnListPage{Rows: make([]FilterTicketsRow, 0, list.Max)}
	batch := &pgx.Batch{}
	batch.Queue(listOwnTickets, list.Viewer, list.Max).Query(func(rows pgx.Rows) error {
		return scanAll(rows, &page.Rows, func(i *FilterTicketsRow, to []any) []any {
			return append(to, &i.ID, &i.Subject, &i.RequesterID, &i.RequesterName, &i.Category, (*string)(&i.Priority), (*string)(&i.Status), &i.Version,
				&i.CommentCount, &i.FileCount, &i.WaitingSince, &i.CreatedAt, &i.UpdatedAt, &i.Unread)
		})
	})
	batch.Queue(listCategories).Query(func(rows pgx.Rows) (err error) {
		page.Categories, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Category])
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return OwnListPage{}, err
	}
	return page, nil
}

// scanAll appends rows, each read where it stays, into the fields that targets
// appends: a value on its way there, and a list of its fields, would be two
// allocations a row, as Scan wants pointers. Enumerations are read as the strings
// that they are: by their own Scan each takes one more.
func scanAll[T any](rows pgx.Rows, into *[]T, targets func(row *T, to []any) []any) error {
	var to []any
	for rows.Next() {
		*into = append(*into, *new(T))
		to = targets(&(*into)[len(*into)-1], to[:0])
		if err := rows.Scan(to...); err != nil {
			return err
		}
	}
	return rows.Err()
}
