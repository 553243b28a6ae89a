package ticketquery

import (
	"strings"
	"testing"

	"frontdesk/internal/search"
)

func FuzzCursorsRoundTrip(f *testing.F) {
	f.Add("AAAA", SortUpdated)
	f.Add("AAQFASHRkYTsAAAAAAAAAAA", SortUrgent)
	f.Add("AACAAAAAAAAAAAAAAAAAAAAB", SortUpdated)
	f.Fuzz(func(t *testing.T, text, sort string) {
		c, ok := parseCursor(text, sort)
		if !ok {
			if c != (cursor{}) {
				t.Errorf("%q is not a cursor, but is read as %+v", text, c)
			}
			return
		}
		again, ok := parseCursor(c.encode(), sort)
		if !ok {
			t.Errorf("%q: %+v is not read again", text, c)
		}
		if again != c {
			t.Errorf("%q: %+v became %+v", text, c, again)
		}
	})
}

func FuzzQueriesContainOnlyWords(f *testing.F) {
	for _, s := range []string{"a b", "a & !b", "'; drop table", "é ü", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range strings.Split(strings.TrimSuffix(tsquery(search.Clean(text)), ":*"), " & ") {
			if word == "" {
				continue
			}
			inner := strings.TrimSuffix(strings.TrimPrefix(word, "'"), "'")
			if len(inner) != len(word)-2 {
				t.Errorf("%q became %q, which is not quoted", text, word)
			}
			if strings.ContainsAny(inner, `'\\&|!():*<> `) {
				t.Errorf("%q became %q, which has an operator", text, word)
			}
		}
	})
}
