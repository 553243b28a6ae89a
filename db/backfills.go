package db

import (
	"context"
	"fmt"
	"strconv"
)

// Backfills are the jobs of the migrations, in their order.
var Backfills = []BackfillJob{
	{"search names", byNumber(func(ctx context.Context, q *Queries, after int64, size int32) (int64, error) {
		return q.FillSearchNames(ctx, FillSearchNamesParams{After: after, Max: size})
	})},
	{"search tickets", byNumber(func(ctx context.Context, q *Queries, after int64, size int32) (int64, error) {
		return q.FillSearchTickets(ctx, FillSearchTicketsParams{After: after, Max: size})
	})},
	{"search comments", fillSearchCommentsAfter},
}

// byNumber makes a batch of a query whose position is a number above 0. The query returns the last number, 0 where none followed.
func byNumber(fill func(ctx context.Context, q *Queries, after int64, size int32) (int64, error)) func(context.Context, *Queries, string, int32) (string, bool, error) {
	return func(ctx context.Context, q *Queries, position string, size int32) (string, bool, error) {
		after, err := strconv.ParseInt("0"+position, 10, 64)
		if err != nil {
			return "", false, fmt.Errorf("position %q: %w", position, err)
		}
		last, err := fill(ctx, q, after, size)
		return strconv.FormatInt(last, 10), last == 0, err
	}
}

// fillSearchCommentsAfter has the number of a ticket and the place in its log as its position.
func fillSearchCommentsAfter(ctx context.Context, q *Queries, position string, size int32) (string, bool, error) {
	p := FillSearchCommentsParams{Max: size}
	if position != "" {
		if _, err := fmt.Sscanf(position, "%d/%d", &p.TicketID, &p.Seq); err != nil {
			return "", false, fmt.Errorf("position %q: %w", position, err)
		}
	}
	last, err := q.FillSearchComments(ctx, p)
	if err != nil || len(last) == 0 {
		return "", err == nil, err
	}
	return fmt.Sprintf("%d/%d", last[0].TicketID, last[0].Seq), false, nil
}
