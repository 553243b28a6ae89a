package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OwnListPage has the rows of a customer's list of tickets.
type OwnListPage struct {
	Rows       []ListAllTicketsRow // without assignee and team
	Categories []Category
}

// ReadOwnListPage runs the queries ListOwnTickets and ListCategories in one round trip.
func ReadOwnListPage(ctx context.Context, pool *pgxpool.Pool, list ListOwnTicketsParams) (OwnListPage, error) {
	var page OwnListPage
	batch := &pgx.Batch{}
	queue(ctx, batch, (*Queries).ListOwnTickets, list).Query(func(rows pgx.Rows) (err error) {
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

// FilterChoices has the categories and teams by which staff can filter a list.
type FilterChoices struct {
	Categories []Category
	Teams      []ListTeamsRow
}

// ReadFilterChoices runs the queries ListCategories and ListTeams in one round trip.
func ReadFilterChoices(ctx context.Context, pool *pgxpool.Pool, viewer int64) (FilterChoices, error) {
	var choices FilterChoices
	batch := &pgx.Batch{}
	batch.Queue(listCategories).Query(func(rows pgx.Rows) (err error) {
		choices.Categories, err = RowsByName[Category](rows)
		return err
	})
	queue(ctx, batch, (*Queries).ListTeams, viewer).Query(func(rows pgx.Rows) (err error) {
		choices.Teams, err = RowsByName[ListTeamsRow](rows)
		return err
	})
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return FilterChoices{}, err
	}
	return choices, nil
}
