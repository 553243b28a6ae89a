package ticketquery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"frontdesk/db"
	"frontdesk/internal/search"
)

// This file searches by the index of before 00011, as the version before did, until the jobs have
// filled the new one. A later version removes it, with queries/search_before.sql and that index.

// maxWords is how many words are looked for.
const maxWords = 8

// findBefore returns the ids of the tickets that text finds among those of a filter:
// the newest ones that hold the words, at most limit; for staff those of a
// requester with such a name or address; and the one of that number. What it
// costs hardly grows with the desk: see [searchNear] and [searchBound].
func findBefore(ctx context.Context, q *db.Queries, text string, among db.FilterTicketsParams, limit int32) ([]int64, error) {
	p := db.FindRecentBeforeParams{
		SeesAll: among.SeesAll, Viewer: among.Viewer, RequesterID: among.RequesterID, CategoryID: among.CategoryID, Priority: among.Priority,
		Status: among.Status, Active: among.Active, Waiting: among.Waiting, WaitingBefore: among.WaitingBefore,
		Query: tsquery(text), NamePattern: likePattern(text), WindowSize: searchNear, Cap: limit,
	}
	switch {
	case p.Query == "":
		p.WindowSize = 0
	case !p.SeesAll || p.RequesterID != 0:
		p.WindowSize = searchOwn
	}
	near, err := q.FindRecentBefore(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var more []int64
	if len(near.Found) < int(limit) && near.Walked == p.WindowSize && p.Query != "" {
		if more, err = findMoreBefore(ctx, q, p, near); err != nil {
			return nil, fmt.Errorf("search further: %w", err)
		}
	}
	all := slices.Concat(near.Found, near.Named, more) // the same ticket more than once
	slices.Sort(all)
	return slices.Compact(all), nil
}

// findMoreBefore finds what the nearest tickets did not give.
func findMoreBefore(ctx context.Context, q *db.Queries, p db.FindRecentBeforeParams, near db.FindRecentBeforeRow) ([]int64, error) {
	filtered := !p.SeesAll || p.RequesterID != 0 || p.CategoryID != 0 || p.Priority != "" || p.Status != "" || p.Active || p.Waiting
	if filtered && len(near.Found)*searchCommon >= int(p.WindowSize) {
		p.WindowSize, p.NamePattern = p.Cap*searchCommon, ""
		if far, err := q.FindRecentBefore(ctx, p); err != nil || len(far.Found) == int(p.Cap) || far.Walked < p.WindowSize {
			return far.Found, err
		}
	}
	return q.FindByWordsBefore(ctx, db.FindByWordsBeforeParams{
		SeesAll: p.SeesAll, Viewer: p.Viewer, RequesterID: p.RequesterID, CategoryID: p.CategoryID, Priority: p.Priority,
		Status: p.Status, Active: p.Active, Waiting: p.Waiting, WaitingBefore: p.WaitingBefore,
		Query: p.Query, Newest: near.Newest, Cap: p.Cap, Bound: searchBound,
	})
}

// tsquery asks for every word, the last one as a beginning: one may still be
// typing it. Words are cut at every sign, as the function words of the database
// cuts them, so that no operator of its language gets through.
func tsquery(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	words = words[:min(len(words), maxWords)]
	for i, w := range words {
		words[i] = "'" + w + "'"
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " & ") + ":*"
}

// likePattern looks for text anywhere; under three characters it finds
// nothing, as the trigram index could not help.
func likePattern(text string) string {
	if len([]rune(text)) < 3 {
		return ""
	}
	return search.Containing(text)
}
