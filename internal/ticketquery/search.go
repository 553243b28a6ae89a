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
	// searchCap is how many tickets words find at most for a page, the newest ones; names find
	// as many. searchCapFeed is the same for programs.
	searchCap     = 100
	searchCapFeed = 500
	// searchNear is how many tickets are read one by one before an index is used. Words that
	// many tickets have are found there; the index would return all of them. searchOwn is
	// the same for the tickets of one requester, as the index does not know requesters.
	searchNear = 400
	searchOwn  = 2000
	// searchCommon is the share of tickets that must have the words for more tickets of a filter
	// to be read one by one, as the index does not know filters: one of so many. So many are
	// read for each ticket that is wanted.
	searchCommon = 40
	// searchSamples is in how many parts of the desk 50 texts each are sampled. searchRare is how
	// many of these may have a beginning of a word that is still looked up in the index.
	searchSamples = 5
	searchRare    = 2
	// searchBound is how many tickets that the index returns are checked against a filter.
	searchBound = 50_000
)

// search returns the ids of the tickets that the words of a selection find among those of its
// other fields: the newest ones that hold the words, at most limit; and for staff those of a
// requester with such a name or address. numbers are those that the text names, which may
// not exist. Its cost hardly grows with the desk: see [searchNear] and [searchBound].
// Searches leave some connections of the pool to everything else: one that finds no slot is
// [*fault.Limited] or [fault.ErrBusy].
func (s *Service) search(ctx context.Context, sel selection, limit int32) (found, numbers []int64, err error) {
	if sel.Q == "" {
		return nil, nil, nil
	}
	end, err := s.searches.Take(ctx, searchesOf(sel.viewer))
	if err != nil {
		return nil, nil, err
	}
	defer end()
	asked, err := search.Read(ctx, s.q, sel.Q)
	if err != nil {
		return nil, nil, err
	}
	w := wanted{index: textIndex, asked: asked, words: asked.TSQuery(), runs: asked.Runs, name: asked.NamePattern(), limit: limit}
	if !asked.Filled {
		w.index, w.words, w.runs, w.name = indexBefore, tsquery(sel.Q), nil, likePattern(sel.Q)
	}
	sel.Q = ""
	found, err = s.find(ctx, sel, w)
	return found, asked.Numbers, err
}

// wanted is what is searched for.
type wanted struct {
	index index
	asked search.Query
	words string   // a tsquery, "" for none
	runs  []string // patterns that the runs of a text must match
	name  string   // a pattern for names, "" for none
	limit int32
}

// find returns the tickets of a selection that have what is wanted, in the order of their ids.
func (s *Service) find(ctx context.Context, among selection, w wanted) ([]int64, error) {
	window := int32(searchNear)
	switch {
	case w.words == "":
		window = 0
	case among.ofOne():
		window = searchOwn
	}
	near, err := one(ctx, s.pool, findRecent(among, w, window), db.RowsByName[recent])
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var more []int64
	if len(near.Found) < int(w.limit) && near.Walked == window && w.words != "" {
		if more, err = s.findMore(ctx, among, w, near); err != nil {
			return nil, fmt.Errorf("search further: %w", err)
		}
	}
	found := slices.Concat(near.Found, near.Named, more) // the same ticket more than once
	slices.Sort(found)
	return slices.Compact(found), nil
}

// findMore finds what the nearest tickets did not give.
func (s *Service) findMore(ctx context.Context, among selection, w wanted, near recent) ([]int64, error) {
	if among.isNarrowed() && len(near.Found)*searchCommon >= int(near.Walked) {
		window := w.limit * searchCommon
		w.name = ""
		far, err := one(ctx, s.pool, findRecent(among, w, window), db.RowsByName[recent])
		if err != nil || len(far.Found) == int(w.limit) || far.Walked < window {
			return far.Found, err
		}
	}
	var rest string
	if w.asked.Filled {
		var err error
		if w.words, rest, err = lookup(ctx, db.New(db.Planned(s.pool)), w.asked, near.Newest); err != nil {
			return nil, err
		}
	}
	return collect(ctx, s.pool, findByWords(among, w, rest), integers)
}

// lookup divides what is asked for into words, which the index looks up, and rest, for which each
// text that it returns is checked. For a beginning of a word the index reads all texts with any such
// term: for "rare b" nearly all there are. So a beginning is looked up only if it is rare, or
// no more common than the terms beside it or, without any, than each other beginning.
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
