-- name: ReadSearch :one
-- ReadSearch parses the text of a search field (see the function search_query), and returns
-- whether the search tables are filled.
select search_query(@text::text)::jsonb as asked,
       (not exists (select from backfills where finished_at is null and name in ('search names', 'search tickets', 'search comments')))::boolean as filled;

-- name: SampleTexts :one
-- SampleTexts counts how many of the 50 texts before each of some tickets match each of some
-- conditions. Conditions are tsqueries with # in place of the number of a stretch of
-- tickets. Run it through db.Planned.
with sample as materialized (
    select x.ticket_id, x.terms from (select unnest(@upto::bigint[]) as n) p cross join lateral (
        (select t.ticket_id, t.terms from search_tickets t where t.ticket_id <= p.n order by t.ticket_id desc limit 25)
        union all
        (select c.ticket_id, c.terms from search_comments c where c.ticket_id <= p.n order by c.ticket_id desc, c.seq desc limit 25)
    ) x
)
select array(
    select count(*) filter (where x.terms @@ replace(asked.condition, '#', to_hex(search_stretch(x.ticket_id)))::tsquery)
    from unnest(@conditions::text[]) with ordinality asked (condition, k), sample x
    group by asked.k order by asked.k
)::bigint[] as counts;
