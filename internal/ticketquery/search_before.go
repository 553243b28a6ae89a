package ticketquery

import (
	"strings"
	"unicode"

	"frontdesk/internal/search"
)

// This file searches with the index from before migration 00011, until the jobs have
// filled the new one. A later version removes it together with that index.

// maxWords is the maximum number of words of a search.
const maxWords = 8

// indexBefore is the index from before migration 00011, for which the database divides
// texts into words. If the database divides a word of the search further, into a phrase,
// the index finds only its parts, and each text is checked for the phrase.
var indexBefore = index{
	suffix: "Before",
	hits: `
    select r.id from recent r cross join lateral (
        (select from ticket_words w where w.ticket_id = r.id and (w.search @@ to_tsquery('simple', @words::text)) is true limit 1)
        union all
        (select from ticket_events e where e.ticket_id = r.id and (e.search @@ to_tsquery('simple', @words::text)) is true limit 1)
        limit 1
    ) hit limit @limit::int`,
	names: "select u.id from users u where lower(u.username || ' ' || u.email) like @name::text",
	held: `with stretches as materialized (
    select replace(asked.words, '#', to_hex(n))::tsquery as words
    from (select replace(regexp_replace(to_tsquery('simple', @words::text)::text, '''([^'']+)''', '''#:\1''', 'g'), '<->', '&') as words) asked,
         generate_series((select search_stretch(max(id)) from tickets), 0, -1) n
), held as (
    select h.ticket_id from stretches s cross join lateral (
        select distinct on (b.ticket_id) b.ticket_id from (
            select w.ticket_id from ticket_words w
            where words_at(w.ticket_id, w.search) @@ s.words
              and (strpos(to_tsquery('simple', @words::text)::text, '<->') = 0 or (w.search @@ to_tsquery('simple', @words::text)) is true)
            union all
            select e.ticket_id from ticket_events e
            where e.search is not null and words_at(e.ticket_id, e.search) @@ s.words
              and (strpos(to_tsquery('simple', @words::text)::text, '<->') = 0 or (e.search @@ to_tsquery('simple', @words::text)) is true)
        ) b order by b.ticket_id desc
    ) h limit @bound::int
)`,
}

// tsquery returns a tsquery that requires every word, the last one as a prefix, because the
// user may still be typing it. It divides words at every sign, as the SQL function words
// does, so that the text cannot contain an operator.
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

// likePattern returns the LIKE pattern for names that contain text. It returns "" for fewer
// than three characters, because the trigram index does not support these.
func likePattern(text string) string {
	if len([]rune(text)) < 3 {
		return ""
	}
	return search.Containing(text)
}
