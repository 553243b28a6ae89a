-- name: FindRecentBefore :one
-- FindRecent by the index of before the folding, until the new one is filled. A later
-- version removes this file with that index.
-- Of the tickets of a filter that the viewer may see, the last updated ones are
-- looked at, one by one up to the window: which hold every word, in their own text or in one
-- comment, up to the cap. walked is how many there were to look at, newest the
-- highest number of all tickets. named are
-- those that staff find by the requester's name and address. The words' index is kept out of it ("is true"), as its cost grows with
-- the desk. Run it through db.Planned.
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
    select r.id from recent r cross join lateral (
        (select from ticket_words w where w.ticket_id = r.id and (w.search @@ to_tsquery('simple', @query::text)) is true limit 1)
        union all
        (select from ticket_events e where e.ticket_id = r.id and (e.search @@ to_tsquery('simple', @query::text)) is true limit 1)
        limit 1
    ) hit limit @cap::int
)
select (select count(*) from recent)::int as walked,
       (select coalesce(max(id), 0) from tickets)::bigint as newest,
       array(select id from hits)::bigint[] as found,
       array(
            select n.id from (
                select u.id from users u
                where @sees_all::boolean and @name_pattern::text <> '' and lower(u.username || ' ' || u.email) like @name_pattern::text limit 50
            ) u cross join lateral (
                select t.id, t.updated_at from tickets t where t.requester_id = u.id and t.deleted_at is null
                order by t.updated_at desc, t.id desc limit @cap::int
            ) n order by n.updated_at desc limit @cap::int
       )::bigint[] as named;

-- name: FindByWordsBefore :many
-- The same by the words' index, for words that few recent tickets hold: the newest
-- up to the cap. One stretch of tickets after the other is looked through, as
-- words_at numbers them, and no further than it takes: nothing but nested loops can
-- come of this, so that the order of the stretches stays. The bound is how many
-- tickets are held to the filter. A word that the database cuts further becomes a
-- phrase, of which the index knows the words alone. Run it through db.Planned.
with stretches as materialized (
    select replace(asked.words, '#', to_hex(n))::tsquery as words
    from (select replace(regexp_replace(to_tsquery('simple', @query::text)::text, '''([^'']+)''', '''#:\1''', 'g'), '<->', '&') as words) asked,
         generate_series(@newest::bigint >> 14, 0, -1) n
), held as (
    select h.ticket_id from stretches s cross join lateral (
        select distinct on (b.ticket_id) b.ticket_id from (
            select w.ticket_id from ticket_words w
            where words_at(w.ticket_id, w.search) @@ s.words
              and (strpos(to_tsquery('simple', @query::text)::text, '<->') = 0 or (w.search @@ to_tsquery('simple', @query::text)) is true)
            union all
            select e.ticket_id from ticket_events e
            where e.search is not null and words_at(e.ticket_id, e.search) @@ s.words
              and (strpos(to_tsquery('simple', @query::text)::text, '<->') = 0 or (e.search @@ to_tsquery('simple', @query::text)) is true)
        ) b order by b.ticket_id desc
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
