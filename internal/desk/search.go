package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"frontdesk/db"
)

const (
	// maxQuery is how long a search may be, in characters. What is longer is cut;
	// pages say so, see [SearchTooLong].
	maxQuery = 200
	// maxWords is how many words of it are looked for.
	maxWords = 8
	// searchCap is how many tickets words find at most for a list of people,
	// the newest ones; names find as many. searchCapFeed is the same for programs.
	searchCap     = 100
	searchCapFeed = 500
	// searchNear is how many tickets are looked at one by one before an index is
	// asked: words that many tickets hold are found there, and the index would
	// name them all. searchOwn is the same for the tickets of one requester, of
	// which the index knows nothing.
	searchNear = 400
	searchOwn  = 2000
	// searchCommon is of how many tickets of a filter, of which the index knows
	// nothing either, one must have the words for the next to be looked at too, as
	// many as it takes to find all that is asked for.
	searchCommon = 40
	// searchBound is how many tickets that the index names are held to a filter.
	searchBound = 50_000
)

// searchable returns q as it can be searched for: one line of valid text without
// control characters, "" if it shows nothing.
func searchable(q string) string {
	q = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(q, " "))
	if isBlank(q) {
		return ""
	}
	q = strings.Join(strings.Fields(q), " ")
	if runes := []rune(q); len(runes) > maxQuery {
		q = string(runes[:maxQuery])
	}
	return q
}

// find returns the ids of the tickets that text finds among those of a filter:
// the newest ones that hold the words, at most limit; for staff those of a
// requester with such a name or address; and the one of that number. What it
// costs hardly grows with the desk: see [searchNear] and [searchBound].
func find(ctx context.Context, q *db.Queries, text string, among db.FilterTicketsParams, limit int32) ([]int64, error) {
	number, _ := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	p := db.FindRecentParams{
		SeesAll: among.SeesAll, Viewer: among.Viewer, RequesterID: among.RequesterID, CategoryID: among.CategoryID, Priority: among.Priority,
		Status: among.Status, Active: among.Active, Waiting: among.Waiting, WaitingBefore: among.WaitingBefore,
		Query: tsquery(text), NamePattern: likePattern(text), Number: number, WindowSize: searchNear, Cap: limit,
	}
	switch {
	case p.Query == "":
		p.WindowSize = 0
	case !p.SeesAll || p.RequesterID != 0:
		p.WindowSize = searchOwn
	}
	near, err := q.FindRecent(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var more []int64
	if len(near.Found) < int(limit) && near.Walked == p.WindowSize && p.Query != "" {
		if more, err = findMore(ctx, q, p, near); err != nil {
			return nil, fmt.Errorf("search further: %w", err)
		}
	}
	all := slices.Concat(near.Found, near.Named, more) // the same ticket more than once
	slices.Sort(all)
	return slices.Compact(all), nil
}

// findMore finds what the nearest tickets did not give.
func findMore(ctx context.Context, q *db.Queries, p db.FindRecentParams, near db.FindRecentRow) ([]int64, error) {
	filtered := !p.SeesAll || p.RequesterID != 0 || p.CategoryID != 0 || p.Priority != "" || p.Status != "" || p.Active || p.Waiting
	if filtered && len(near.Found)*searchCommon >= int(p.WindowSize) {
		p.WindowSize, p.NamePattern, p.Number = p.Cap*searchCommon, "", 0
		if far, err := q.FindRecent(ctx, p); err != nil || len(far.Found) == int(p.Cap) || far.Walked < p.WindowSize {
			return far.Found, err
		}
	}
	return q.FindByWords(ctx, db.FindByWordsParams{
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
	return containing(text)
}

// containing is the pattern of LIKE for lower-case text that holds this one,
// taken to the letter.
func containing(text string) string {
	return "%" + likeSigns.Replace(strings.ToLower(text)) + "%"
}

var likeSigns = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
