package ticketquery

// index has the parts of statements that search an index, with the parameters of [wanted].
// docs/search.md describes the tables.
type index struct {
	suffix text // the end of the statements' names
	hits   text // selects the tickets of recent that have a text with the words, at most limit
	names  text // selects the requesters with such a name
	held   text // selects the tickets that have a text with the words, stretch by stretch, the newest first
}

// textIndex is the index of the tables search_tickets, search_comments and search_names. In
// @words and @rest, # is replaced by the number of a stretch of tickets (search_stretch).
// The condition "is true" keeps the planner from using the index of terms to check a few
// tickets, because the cost of that index grows with the desk.
var textIndex = index{
	hits:  hitsBegin + hitsEnd,
	names: byName,
	held:  heldBegin + heldEnd,
}

// notesIndex is textIndex with the table search_notes, for staff. It does not find notes of
// the actor's own tickets, of which the actor is the requester.
var notesIndex = index{
	suffix: "WithNotes",
	hits:   hitsBegin + hitsInNotes + hitsEnd,
	names:  byName,
	held:   heldBegin + heldByNotes + heldEnd,
}

// The parts of the two indexes. In isHit and isHeld, x is one of the tables of texts.
const (
	isHit text = `x.ticket_id = r.id and (x.terms @@ asked.words) is true
            and (cardinality(@runs::text[]) = 0 or x.runs like all (@runs::text[]))`
	hitsBegin text = `
    select r.id from recent r
    cross join lateral (select replace(@words::text, '#', to_hex(search_stretch(r.id)))::tsquery as words offset 0) asked
    cross join lateral (
        (select from search_tickets x where ` + isHit + ` limit 1)
        union all
        (select from search_comments x where ` + isHit + ` limit 1)`
	hitsInNotes text = `
        union all
        (select from search_notes x where ` + isHit + `
            and not exists (select from tickets own where own.id = r.id and own.requester_id = @viewer) limit 1)`
	hitsEnd text = `
        limit 1
    ) hit limit @limit::int`
	byName text = "select u.user_id as id from search_names u where u.name like @name::text"
	isHeld text = `x.terms @@ s.words and (@rest::text = '' or (x.terms @@ s.rest) is true)
              and (cardinality(@runs::text[]) = 0 or x.runs like all (@runs::text[]))`
	heldBegin text = `with stretches as materialized (
    select replace(@words::text, '#', to_hex(n))::tsquery as words, replace(nullif(@rest::text, ''), '#', to_hex(n))::tsquery as rest
    from generate_series((select search_stretch(max(id)) from tickets), 0, -1) n
), held as (
    select h.ticket_id from stretches s cross join lateral (
        select distinct on (y.ticket_id) y.ticket_id from (
            select x.ticket_id from search_tickets x where ` + isHeld + `
            union all
            select x.ticket_id from search_comments x where ` + isHeld
	heldByNotes text = `
            union all
            select x.ticket_id from search_notes x where ` + isHeld + `
              and not exists (select from tickets own where own.id = x.ticket_id and own.requester_id = @viewer)`
	heldEnd text = `
        ) y order by y.ticket_id desc
    ) h limit @bound::int
)`
)

// recent is the row that the statement of [findRecent] returns.
type recent struct {
	Walked int32   // how many tickets were read
	Newest int64   // the highest id of all tickets
	Found  []int64 // the tickets among those read that have the words
	Named  []int64 // for staff, the tickets of requesters with such a name
}

// findRecent returns the statement that checks the last updated tickets of a selection one
// by one, at most window of them.
func findRecent(among selection, w wanted, window int32) *query {
	q := newQuery("FindRecent"+w.index.suffix, "with recent as materialized (\n    select t.id from tickets t where ").where(among)
	q.add(`
    order by t.updated_at desc, t.id desc limit @window::int
), hits as (`, w.index.hits, `
)
select (select count(*) from recent)::int as walked,
       (select coalesce(max(id), 0) from tickets) as newest,
       array(select id from hits) as found,
       `)
	if !among.isOwn() && w.name != "" {
		q.add(`array(
            select n.id from (`, w.index.names, ` limit 50) u cross join lateral (
                select t.id, t.updated_at from tickets t where t.requester_id = u.id and `).where(among.perRequester()).add(`
                order by t.updated_at desc, t.id desc limit @limit::int
            ) n order by n.updated_at desc limit @limit::int
       ) as named`)
	} else {
		q.add("'{}'::bigint[] as named")
	}
	q.args["window"], q.args["viewer"] = window, among.viewer
	w.set(q)
	return q
}

// findByWords returns the statement that finds the newest tickets of a selection with the
// index of terms, for words that few recent tickets have. It checks each text from the index
// for rest, see lookup. The statement permits only nested loops, so that it reads the
// stretches in order and stops at the limit.
func findByWords(among selection, w wanted, rest string) *query {
	q := newQuery("FindByWords"+w.index.suffix, w.index.held, `
select t.id from held cross join lateral (
    select t.id from tickets t where t.id = held.ticket_id and `).where(among)
	q.add("\n    offset 0\n) t\nlimit @limit::int")
	q.args["rest"], q.args["bound"], q.args["viewer"] = rest, searchBound, among.viewer
	w.set(q)
	return q
}

// set sets the parameters of the search.
func (w wanted) set(q *query) {
	q.args["words"], q.args["runs"], q.args["name"], q.args["limit"] = w.words, w.runs, w.name, w.limit
}
