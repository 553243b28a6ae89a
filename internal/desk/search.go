package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"frontdesk/db"
)

const (
	// maxQuery is how long a search may be, in bytes; what is longer is cut.
	maxQuery = 200
	// maxWords is how many words of it are looked for.
	maxWords = 8
	// searchCap is how many candidates a search looks at, the newest ones.
	searchCap = 500
)

// searchable makes of q what can be looked for: one line of valid text.
func searchable(q string) string {
	q = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(q, "\x00", " "), " ")), " ")
	if len(q) > maxQuery {
		q = strings.ToValidUTF8(q[:maxQuery], "")
	}
	return q
}

// find returns the ids of the tickets that q finds for the actor, at most [searchCap].
func find(ctx context.Context, q *db.Queries, actor Actor, query string) ([]int64, error) {
	seesAll, viewer := actor.scope()
	number, _ := strconv.ParseInt(strings.TrimPrefix(query, "#"), 10, 64)
	ids, err := q.FindTickets(ctx, db.FindTicketsParams{
		Query: tsquery(query), SeesAll: seesAll, Viewer: viewer, Cap: searchCap, NamePattern: likePattern(query), Number: number,
	})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return ids, nil
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
