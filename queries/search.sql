-- name: FindRecent :one
-- Of the tickets of a filter that the viewer may see, the last updated ones are
-- looked at, one by one up to the window: which hold every word, in their own text or in one
-- comment, up to the cap. walked is how many there were to look at, newest the
-- highest number of all tickets. named are
-- those that staff find by the requester's name and address, and anybody by the
-- number. The words' index is kept out of it ("is true"), as its cost grows with
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
           (select n.id from (
                select u.id from users u
                where @sees_all::boolean and @name_pattern::text <> '' and lower(u.username || ' ' || u.email) like @name_pattern::text limit 50
            ) u cross join lateral (
                select t.id, t.updated_at from tickets t where t.requester_id = u.id and t.deleted_at is null
                order by t.updated_at desc, t.id desc limit @cap::int
            ) n order by n.updated_at desc limit @cap::int)
           union all
           (select t.id from tickets t where t.id = @number::bigint and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint))
       )::bigint[] as named;

-- name: FindByWords :many
-- The same by the words' index, for words that few recent tickets hold: the newest
-- up to the cap, of tickets above a number. Each kind of text is read up to the
-- bound. The commands are materialised so that they are planned to be read whole:
-- for the first rows alone the planner would rather walk the desk, on a guess of
-- how common a word is that it knows nothing of. unfiltered says that the viewer
-- sees all and filters nothing: all but the newest can go before they are looked
-- up. Run it through db.Planned.
with worded as materialized (
    select w.ticket_id from ticket_words w where w.search @@ to_tsquery('simple', @query::text) and (@above::bigint = 0 or w.ticket_id > @above::bigint)
), said as materialized (
    select e.ticket_id from ticket_events e where e.search @@ to_tsquery('simple', @query::text) and (@above::bigint = 0 or e.ticket_id > @above::bigint)
), newest as materialized (
    select ticket_id from (
        (select ticket_id from worded limit @bound::int) union (select ticket_id from said limit @bound::int)
    ) found
    order by ticket_id desc limit case when @unfiltered::boolean then 2 * @cap::int end
)
select t.id from newest n cross join lateral (
    select t.id from tickets t
    where t.id = n.ticket_id and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint)
    and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
    and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
    and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
    and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
    and (not @active::boolean or t.status in ('OPEN', 'IN_PROGRESS'))
    and (not @waiting::boolean or coalesce(t.waiting_since, '9999-01-01 00:00:00Z') < @waiting_before::timestamptz)
    offset 0 -- one by one, and never all tickets in their order until enough are met
) t
order by t.id desc limit @cap::int;
