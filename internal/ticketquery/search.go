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
	// searchCap is the maximum number of tickets that a page's search finds by words, and
	// also by names. It finds the newest. searchCapFeed is the same for programs.
	searchCap     = 100
	searchCapFeed = 500
	// searchNear is the number of recent tickets that are read one by one before the index
	// is used. Common words are found among these, while the index would return all tickets
	// that have them. searchOwn is the same for the tickets of one requester, because the
	// index does not have requesters.
	searchNear = 400
	searchOwn  = 2000
	// If at least one of searchCommon recent tickets of a filter has the words, more tickets
	// are read one by one, because the index does not have the fields of filters: searchCommon
	// for each ticket of the limit.
	searchCommon = 40
	// searchSamples is the number of places in the index at which 50 texts each are sampled.
	// A prefix that at most searchRare of these have is looked up in the index.
	searchSamples = 5
	searchRare    = 2
	// searchBound is the maximum number of tickets from the index that are checked against a
	// filter.
	searchBound = 50_000
)

// search searches the tickets of a selection for its text sel.Q. It returns in found the
// ids of the newest tickets that have the words, at most limit, and for staff also those
// whose requester has such a name or address. It returns in numbers the ticket numbers that
// the text has, which may not exist. Its cost hardly depends on the size of the desk, see
// [searchNear] and [searchBound]. Because a search uses a connection for long, the number of
// simultaneous ones is limited: [*fault.Limited], [fault.ErrBusy].
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
	if !sel.isOwn() {
		w.index = notesIndex
	}
	if !asked.Filled {
		w.index, w.words, w.runs, w.name = indexBefore, tsquery(sel.Q), nil, likePattern(sel.Q)
	}
	sel.Q = ""
	found, err = s.find(ctx, sel, w)
	return found, asked.Numbers, err
}

// wanted has the parameters of a search.
type wanted struct {
	index index
	asked search.Query
	words string   // a tsquery, or ""
	runs  []string // patterns that the runs of a text must match
	name  string   // a LIKE pattern for names, or ""
	limit int32    // the maximum number of tickets
}

// find returns the ids of the tickets of a selection that the search finds, in ascending
// order.
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
	found := slices.Concat(near.Found, near.Named, more) // may have duplicates
	slices.Sort(found)
	return slices.Compact(found), nil
}

// findMore continues the search after the recent tickets had fewer results than the limit.
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

// lookup divides a search into two tsqueries: words is looked up in the index, and rest is
// checked for each text that the index returns. To look up a prefix, the index reads all
// texts with any term that has it, which can be nearly all texts. So a prefix is looked up
// only if it is rare, or not more common than the whole terms of the search or, if there are
// none, than any other prefix.
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

// searchesOf returns the key of a user's running searches.
func searchesOf(user int64) limit.Key { return limit.OfUser("searches", user) }
