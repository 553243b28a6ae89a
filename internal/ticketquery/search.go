package ticketquery

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/limit"
	"frontdesk/internal/search"
)

const (
	// searchCap is how many tickets words find at most for a list of people,
	// the newest ones; names find as many. searchCapFeed is the same for programs.
	searchCap     = 100
	searchCapFeed = 500
	// searchNear is how many tickets are read one by one before an index is
	// used: words that many tickets have are found there, and the index would
	// return them all. searchOwn is the same for the tickets of one requester, of
	// which the index knows nothing.
	searchNear = 400
	searchOwn  = 2000
	// searchCommon is of how many tickets of a filter, of which the index knows
	// nothing either, one must have the words for more of them to be read one by one, as
	// many as it takes to find all that is wanted.
	searchCommon = 40
	// searchSamples is from how many parts of the desk texts are sampled, 50 from each, and
	// searchRare how many of these may have a beginning that the index still reads in a few milliseconds.
	searchSamples = 5
	searchRare    = 2
	// searchBound is how many tickets that the index returns are checked against a filter.
	searchBound = 50_000
)

// find returns the ids of the tickets that text finds among those of a filter:
// the newest ones that hold the words, at most limit; and for staff those of a
// requester with such a name or address. numbers are those that the text names, which may
// not exist. Its cost hardly grows with the desk: see [searchNear] and [searchBound].
// planned are the queries of a [db.Planned] connection. Searches leave some connections of
// the pool to everything else: one that finds no slot is [*fault.Limited] or [fault.ErrBusy].
func (s *Service) find(ctx context.Context, planned *db.Queries, text string, among db.FilterTicketsParams, limit int32) (found, numbers []int64, err error) {
	end, err := s.searches.Take(ctx, searchesOf(among.Viewer))
	if err != nil {
		return nil, nil, err
	}
	defer end()
	a, err := search.Read(ctx, s.q, text)
	if err != nil {
		return nil, nil, err
	}
	if !a.Filled {
		found, err = findBefore(ctx, planned, text, among, limit)
		return found, a.Numbers, err
	}
	p := db.FindRecentParams{
		SeesAll: among.SeesAll, Viewer: among.Viewer, RequesterID: among.RequesterID, CategoryID: among.CategoryID, Priority: among.Priority,
		Status: among.Status, Active: among.Active, Waiting: among.Waiting, WaitingBefore: among.WaitingBefore,
		Words: a.TSQuery(), Runs: a.Runs, NamePattern: a.NamePattern(), WindowSize: searchNear, Cap: limit,
	}
	switch {
	case p.Words == "":
		p.WindowSize = 0
	case !p.SeesAll || p.RequesterID != 0:
		p.WindowSize = searchOwn
	}
	near, err := planned.FindRecent(ctx, p)
	if err != nil {
		return nil, nil, fmt.Errorf("search: %w", err)
	}
	var more []int64
	if len(near.Found) < int(limit) && near.Walked == p.WindowSize && p.Words != "" {
		if more, err = findMore(ctx, planned, a, p, near); err != nil {
			return nil, nil, fmt.Errorf("search further: %w", err)
		}
	}
	found = slices.Concat(near.Found, near.Named, more) // the same ticket more than once
	slices.Sort(found)
	return slices.Compact(found), a.Numbers, nil
}

// findMore finds what the nearest tickets did not give.
func findMore(ctx context.Context, q *db.Queries, a search.Query, p db.FindRecentParams, near db.FindRecentRow) ([]int64, error) {
	filtered := !p.SeesAll || p.RequesterID != 0 || p.CategoryID != 0 || p.Priority != "" || p.Status != "" || p.Active || p.Waiting
	if filtered && len(near.Found)*searchCommon >= int(p.WindowSize) {
		p.WindowSize, p.NamePattern = p.Cap*searchCommon, ""
		if far, err := q.FindRecent(ctx, p); err != nil || len(far.Found) == int(p.Cap) || far.Walked < p.WindowSize {
			return far.Found, err
		}
	}
	words, rest, err := lookup(ctx, q, a, near.Newest)
	if err != nil {
		return nil, err
	}
	return q.FindByWords(ctx, db.FindByWordsParams{
		SeesAll: p.SeesAll, Viewer: p.Viewer, RequesterID: p.RequesterID, CategoryID: p.CategoryID, Priority: p.Priority,
		Status: p.Status, Active: p.Active, Waiting: p.Waiting, WaitingBefore: p.WaitingBefore,
		Words: words, Rest: rest, Runs: p.Runs, Newest: near.Newest, Cap: p.Cap, Bound: searchBound,
	})
}

// lookup divides what is asked for into the words that the index looks up, and the rest that each text
// it returns is checked for. For a beginning the index reads all texts with any such term:
// of "rare b" it would read nearly all there are. A beginning is looked up only if it is
// rare itself, or no more common than the terms beside it, or than any other beginning.
func lookup(ctx context.Context, q *db.Queries, a search.Query, newest int64) (words, rest string, err error) {
	if len(a.Begun) == 0 || len(a.Terms)+len(a.Begun) == 1 {
		return a.TSQuery(), "", nil
	}
	var conditions []string
	if len(a.Terms) > 0 {
		conditions = append(conditions, a.Exactly())
	}
	for _, t := range a.Begun {
		conditions = append(conditions, search.Begins(t))
	}
	upto := make([]int64, searchSamples)
	for i := range upto {
		upto[i] = newest * int64(i+1) / searchSamples
	}
	counts, err := q.SampleTexts(ctx, db.SampleTextsParams{Upto: upto, Conditions: conditions})
	if err != nil {
		return "", "", err
	}
	if len(counts) != len(conditions) { // there is no text
		return a.TSQuery(), "", nil
	}
	most := slices.Min(counts)
	if len(a.Terms) > 0 {
		most = counts[0]
	}
	for i, c := range conditions {
		if counts[i] <= max(most, searchRare) {
			words = search.Both(words, c)
		} else {
			rest = search.Both(rest, c)
		}
	}
	return words, rest, nil
}

// searchesOf returns the key of a user's searches that are under way.
func searchesOf(user int64) limit.Key { return limit.OfUser("searches", user) }
