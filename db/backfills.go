package db

import (
	"context"
	"fmt"
	"strconv"
)

// Backfills has the jobs of all migrations, in the order in which they run.
var Backfills = []BackfillJob{
	{"search names", byNumber(func(ctx context.Context, q *Queries, after int64, size int32) (int64, error) {
		return q.FillSearchNames(ctx, FillSearchNamesParams{After: after, Max: size})
	})},
	{"search tickets", byNumber(func(ctx context.Context, q *Queries, after int64, size int32) (int64, error) {
		return q.FillSearchTickets(ctx, FillSearchTicketsParams{After: after, Max: size})
	})},
	{"search comments", fillSearchCommentsAfter},
}

// byNumber returns a batch function for a query whose position is a number above 0. The
// query must return the last number that it has handled, or 0 if there were no rows.
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

// fillSearchCommentsAfter is the batch function of the job "search comments". Its position
// is the number of a ticket and a seq, such as "12/3".
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
