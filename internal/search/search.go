// Package search parses search texts.
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

// maxQuery is the maximum length of a search text in characters. Longer ones are cut, and
// pages show a message, see [TooLong].
const maxQuery = 200

// Clean returns the search text for what a user typed: one line of valid UTF-8 without
// control characters, cut to [maxQuery] characters. It is "" if q has no visible
// character.
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

// Query is a parsed search text. The SQL function search_query parses it and documents
// the fields. It normalises the text as the indexed texts are normalised.
type Query struct {
	Terms   []string `json:"terms"`
	Begun   []string `json:"begun"`
	Runs    []string `json:"runs"`
	Numbers []int64  `json:"numbers"`
	Name    string   `json:"name"`
	Filled  bool     // whether the search tables are complete
}

// Read parses a text that [Clean] returned.
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

// ticketNumber matches a search text that is the number of a ticket written without the
// sign #. The database recognises all other ways of writing it.
var ticketNumber = regexp.MustCompile(`(?i)^ticket (?:no\.? |number )?([0-9]{1,18})$`)

// Exactly returns a tsquery that requires every term, or "" if there are no terms. It has
// # where the number of a stretch of tickets belongs. Terms from the database consist of
// letters, digits and marks, and are quoted only as a precaution.
func (a Query) Exactly() string {
	parts := make([]string, len(a.Terms))
	for i, t := range a.Terms {
		parts[i] = "'#:" + quoteTerm.Replace(t) + "'"
	}
	return strings.Join(parts, " & ")
}

// Begins returns a tsquery that requires a term with the prefix t.
func Begins(t string) string { return "'#:" + quoteTerm.Replace(t) + "':*" }

// TSQuery returns a tsquery that requires every term, and a term with every prefix.
func (a Query) TSQuery() string {
	words := a.Exactly()
	for _, t := range a.Begun {
		words = Both(words, Begins(t))
	}
	return words
}

// Both returns a tsquery that requires both tsqueries. The first may be "".
func Both(one, other string) string {
	if one == "" {
		return other
	}
	return one + " & " + other
}

// quoteTerm escapes a term for a quoted part of a tsquery.
var quoteTerm = strings.NewReplacer(`'`, `''`, `\`, `\\`)

// NeedlesFor returns the LIKE patterns with which queries look for the text that a was read from in names: one
// for search_names or, while these are incomplete, one for the names themselves. The other is "".
func (a Query) NeedlesFor(text string) (needle, before string) {
	if a.Filled {
		return a.Name, ""
	}
	return "", Containing(text)
}

// NamePattern returns the LIKE pattern for names. It returns "" if the text has fewer than
// three characters, because the trigram index does not support these. Patterns of scripts
// without spaces are never shorter.
func (a Query) NamePattern() string {
	if len([]rune(a.Name)) < len("%abc%") && !strings.Contains(a.Name, "\n") {
		return ""
	}
	return a.Name
}

// TooLong returns a message if q is longer than the maximum length of a search text, or
// "".
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

// likeSigns escapes the special characters of LIKE patterns.
var likeSigns = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
