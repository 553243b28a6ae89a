-- name: ReadSearch :one
-- What the text of a search field asks for (see the function search_query), and whether
-- the tables that answer it are filled.
select search_query(@text::text)::jsonb as asked,
       (not exists (select from backfills where finished_at is null and name in ('search names', 'search tickets', 'search comments')))::boolean as filled;

-- name: FindRecent :one
-- Of the tickets of a filter that the viewer may see, the last updated ones are
-- read one by one, as many as window_size; found are those, up to cap, of which one text (their own
-- or one comment) matches words and runs. walked is how many were read, newest the
-- highest number of all tickets. named are those that staff find by the requester's name and
-- address. words is a tsquery with # in place of a stretch of tickets. The index of terms is
-- kept out of it ("is true"), as its cost grows with the desk. Run it through db.Planned.
with recent as materialized (
    select t.id from tickets t
    where t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint)
      and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
      and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
      and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
      and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
      and (not @active::boolean or t.status in ('OPEN', 'IN_PROGRESS'))
      and (not @waiting::boolean or coalesce(t.waiting_since, '9999-01-01 00:00:00Z') < @waiting_before::timestamptz)
    order by t.updated_at desc, t.id desc limit @window_size::int
), hits as (
    select r.id from recent r
    cross join lateral (select replace(@words::text, '#', to_hex(r.id >> 14))::tsquery as words offset 0) asked
    cross join lateral (
        (select from search_tickets x where x.ticket_id = r.id and (x.terms @@ asked.words) is true
            and (cardinality(@runs::text[]) = 0 or x.runs like all (@runs::text[])) limit 1)
        union all
        (select from search_comments x where x.ticket_id = r.id and (x.terms @@ asked.words) is true
            and (cardinality(@runs::text[]) = 0 or x.runs like all (@runs::text[])) limit 1)
        limit 1
    ) hit limit @cap::int
)
select (select count(*) from recent)::int as walked,
       (select coalesce(max(id), 0) from tickets)::bigint as newest,
       array(select id from hits)::bigint[] as found,
       array(
            select n.id from (
                select u.user_id from search_names u
                where @sees_all::boolean and @name_pattern::text <> '' and u.name like @name_pattern::text limit 50
            ) u cross join lateral (
                select t.id, t.updated_at from tickets t where t.requester_id = u.user_id and t.deleted_at is null
                order by t.updated_at desc, t.id desc limit @cap::int
            ) n order by n.updated_at desc limit @cap::int
       )::bigint[] as named;

-- name: FindByWords :many
-- The same by the index of terms, for words that few recent tickets have: the newest
-- up to cap. One stretch of tickets after the other is searched, as search_terms
-- numbers them, and no further than it takes: only nested loops can
-- come of this, so that the order of the stretches stays. bound is how many
-- tickets are checked against the filter. words is what the index looks up, rest what
-- each text is checked for besides, '' for nothing. Run it through db.Planned.
with stretches as materialized (
    select replace(@words::text, '#', to_hex(n))::tsquery as words, replace(nullif(@rest::text, ''), '#', to_hex(n))::tsquery as rest
    from generate_series(@newest::bigint >> 14, 0, -1) n
), held as (
    select h.ticket_id from stretches s cross join lateral (
        select distinct on (x.ticket_id) x.ticket_id from (
            select t.ticket_id from search_tickets t
            where t.terms @@ s.words and (@rest::text = '' or (t.terms @@ s.rest) is true)
              and (cardinality(@runs::text[]) = 0 or t.runs like all (@runs::text[]))
            union all
            select c.ticket_id from search_comments c
            where c.terms @@ s.words and (@rest::text = '' or (c.terms @@ s.rest) is true)
              and (cardinality(@runs::text[]) = 0 or c.runs like all (@runs::text[]))
        ) x order by x.ticket_id desc
    ) h limit @bound::int
)
select t.id from held cross join lateral (
    select t.id from tickets t
    where t.id = held.ticket_id and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint)
    and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
    and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
    and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
    and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
    and (not @active::boolean or t.status in ('OPEN', 'IN_PROGRESS'))
    and (not @waiting::boolean or coalesce(t.waiting_since, '9999-01-01 00:00:00Z') < @waiting_before::timestamptz)
    offset 0
) t
limit @cap::int;

-- name: SampleTexts :one
-- How many of the 50 texts before each of some tickets match each of some conditions, which are
-- tsqueries with # in place of a stretch of tickets. Run it through db.Planned.
with sample as materialized (
    select x.ticket_id, x.terms from (select unnest(@upto::bigint[]) as n) p cross join lateral (
        (select t.ticket_id, t.terms from search_tickets t where t.ticket_id <= p.n order by t.ticket_id desc limit 25)
        union all
        (select c.ticket_id, c.terms from search_comments c where c.ticket_id <= p.n order by c.ticket_id desc, c.seq desc limit 25)
    ) x
)
select array(
    select count(*) filter (where x.terms @@ replace(asked.condition, '#', to_hex(x.ticket_id >> 14))::tsquery)
    from unnest(@conditions::text[]) with ordinality asked (condition, k), sample x
    group by asked.k order by asked.k
)::bigint[] as counts;
