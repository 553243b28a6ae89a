package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OwnListPage has the rows of a customer's list of tickets.
type OwnListPage struct {
	Rows       []ListAllTicketsRow // without who works on them
	Categories []Category
}

// ReadOwnListPage runs the queries ListOwnTickets and ListCategories in one round trip.
func ReadOwnListPage(ctx context.Context, pool *pgxpool.Pool, list ListOwnTicketsParams) (OwnListPage, error) {
	var page OwnListPage
	batch := &pgx.Batch{}
	batch.Queue(listOwnTickets, list.Viewer, list.Max).Query(func(rows pgx.Rows) (err error) {
		page.Rows, err = RowsByName[ListAllTicketsRow](rows)
		return err
	})
	batch.Queue(listCategories).Query(func(rows pgx.Rows) (err error) {
		page.Categories, err = RowsByName[Category](rows)
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return OwnListPage{}, err
	}
	return page, nil
}
