// Package search reads the text that people search for.
package search

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/db"
	"frontdesk/internal/input"
)

// maxQuery is the longest text that is searched for, in characters. Longer ones are cut,
// and pages say so, see [TooLong].
const maxQuery = 200

// Clean returns q as it can be searched for: one line of valid text without
// control characters, of at most [maxQuery] characters, "" if it shows nothing.
func Clean(q string) string {
	q = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(q, " "))
	if input.IsBlank(q) {
		return ""
	}
	q = strings.Join(strings.Fields(q), " ")
	if runes := []rune(q); len(runes) > maxQuery {
		q = string(runes[:maxQuery])
	}
	return q
}

// Query is a search text as the database reads it. The SQL function search_query
// describes the fields, and folds the text as the indexed texts are folded.
type Query struct {
	Terms   []string `json:"terms"`
	Begun   []string `json:"begun"`
	Runs    []string `json:"runs"`
	Numbers []int64  `json:"numbers"`
	Name    string   `json:"name"`
	Filled  bool     // whether the tables that answer it are complete
}

// Read reads text, which must be one that [Clean] returned.
func Read(ctx context.Context, q *db.Queries, text string) (a Query, err error) {
	row, err := q.ReadSearch(ctx, text)
	if err == nil {
		a.Filled, err = row.Filled, json.Unmarshal(row.Asked, &a)
	}
	if err != nil {
		return a, fmt.Errorf("read search: %w", err)
	}
	if named := ticketNumber.FindStringSubmatch(text); named != nil && len(a.Numbers) == 0 {
		if n, err := strconv.ParseInt(named[1], 10, 64); err == nil {
			a.Numbers = []int64{n}
		}
	}
	return a, nil
}

// ticketNumber is a whole search text that names a ticket without the sign #. The
// database finds the number in all other ways of writing it.
var ticketNumber = regexp.MustCompile(`(?i)^ticket (?:no\.? |number )?([0-9]{1,18})$`)

// Exactly returns a tsquery that requires every term, with # for the number of the index's
// stretch; "" if there is none. The database returns terms of letters, digits and marks
// only; they are quoted all the same.
func (a Query) Exactly() string {
	parts := make([]string, len(a.Terms))
	for i, t := range a.Terms {
		parts[i] = "'#:" + quoteTerm.Replace(t) + "'"
	}
	return strings.Join(parts, " & ")
}

// Begins returns a tsquery that requires a term that begins with t.
func Begins(t string) string { return "'#:" + quoteTerm.Replace(t) + "':*" }

// TSQuery returns a tsquery that requires every term, and a term for every beginning.
func (a Query) TSQuery() string {
	words := a.Exactly()
	for _, t := range a.Begun {
		words = Both(words, Begins(t))
	}
	return words
}

// Both joins two tsqueries, of which the first may be "".
func Both(one, other string) string {
	if one == "" {
		return other
	}
	return one + " & " + other
}

var quoteTerm = strings.NewReplacer(`'`, `''`, `\`, `\\`)

// NamePattern returns the LIKE pattern for names, or "" for one of under three characters,
// for which trigrams cannot help. Patterns of scripts without spaces are never shorter.
func (a Query) NamePattern() string {
	if len([]rune(a.Name)) < len("%abc%") && !strings.Contains(a.Name, "\n") {
		return ""
	}
	return a.Name
}

// TooLong returns the message for a text that is too long to be searched for whole,
// or "".
func TooLong(q string) string {
	if n := utf8.RuneCountInString(strings.TrimSpace(q)); n > maxQuery {
		return input.TooLong(n, strconv.Itoa(maxQuery))
	}
	return ""
}

// Containing returns the LIKE pattern for lower-case text that contains text literally.
func Containing(text string) string {
	return "%" + likeSigns.Replace(strings.ToLower(text)) + "%"
}

var likeSigns = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
