-- name: FeedTickets :many
-- Tickets with all that programs get of them, the newest first, from a number on
-- downwards. Run it through db.Planned: what a value switches off folds away.
select t.id, t.subject, t.description, c.name as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.deleted_at is null
  and (@sees_all::boolean or t.requester_id = @viewer::bigint)
  and t.id < @before
  and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
  and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
  and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
  and (not @searched::boolean or t.id = any (@found::bigint[]))
order by t.id desc
limit @max::int;

-- name: FeedAllTickets :many
-- The same of everybody's, unfiltered, by a plan that is kept: a whole list is
-- many of these. What is joined is looked up row by row, offset 0 sees to that:
-- the plan does not know how few rows are asked for.
select t.id, t.subject, t.description, (select c.name from categories c where c.id = t.category_id)::text as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment
from (
    select * from tickets x where x.deleted_at is null and x.id < @before order by x.id desc limit @max
) t cross join lateral (select u.username, u.email from users u where u.id = t.requester_id offset 0) u
order by t.id desc;

-- name: FeedOwnTickets :many
-- The same of a customer's own.
select t.id, t.subject, t.description, (select c.name from categories c where c.id = t.category_id)::text as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment
from (
    select * from tickets x where x.requester_id = @viewer and x.deleted_at is null and x.id < @before order by x.id desc limit @max
) t cross join lateral (select u.username, u.email from users u where u.id = t.requester_id offset 0) u
order by t.id desc;

-- name: OneTicketForAPI :one
-- The same of one ticket, by a plan that is kept.
select t.id, t.subject, t.description, c.name as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.id = @id and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint);

-- name: EntriesOfKind :many
-- One kind of entry of a ticket that follows a place, oldest first, with what
-- programs get of its author.
select e.seq, e.body, e.author_id, u.username as author, u.email as author_email, u.role as author_role, e.created_at
from ticket_events e
join users u on u.id = e.author_id
where e.ticket_id = @ticket_id and e.seq > @after and e.kind = @kind::event_kind
order by e.seq
limit @max::int;
