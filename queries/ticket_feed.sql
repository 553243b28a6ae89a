-- name: FeedAllTickets :many
-- FeedAllTickets returns tickets below a number with all fields of the API, newest first.
-- The plan is kept, because a whole list needs many calls. PostgreSQL does not know how few
-- rows are needed; offset 0 makes it look up joined rows one by one. A batch ends with the
-- ticket whose description reaches max_bytes. The first argument of on_staff_side is true
-- because the viewer is one of staff. Lists with a filter or another order are composed by
-- internal/ticketquery.
select t.id, t.subject, t.description, (select c.name from categories c where c.id = t.category_id)::text as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version, t.waiting_since,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.assignee_id end, 0)::bigint as assignee_id,
       coalesce((select a.username from users a where a.id = t.assignee_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as assignee,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.team_id end, 0)::bigint as team_id,
       coalesce((select g.name from teams g where g.id = t.team_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as team
from (
    select y.id, y.subject, y.description, y.category_id, y.priority, y.status, y.requester_id, y.created_at, y.updated_at, y.version, y.waiting_since, y.assignee_id, y.team_id, sum(octet_length(y.description)) over (order by y.id desc rows unbounded preceding) - octet_length(y.description) as ahead
    from (select x.id, x.subject, x.description, x.category_id, x.priority, x.status, x.requester_id, x.created_at, x.updated_at, x.version, x.waiting_since, x.assignee_id, x.team_id from tickets x where x.deleted_at is null and x.id < @before order by x.id desc limit @max) y
) t cross join lateral (select u.username, u.email from users u where u.id = t.requester_id offset 0) u
where t.ahead < @max_bytes::bigint
order by t.id desc;

-- name: FeedOwnTickets :many
-- FeedOwnTickets does the same for the customer's own tickets.
select t.id, t.subject, t.description, (select c.name from categories c where c.id = t.category_id)::text as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version, t.waiting_since,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment, 0::bigint as assignee_id, ''::text as assignee, 0::bigint as team_id, ''::text as team
from (
    select y.id, y.subject, y.description, y.category_id, y.priority, y.status, y.requester_id, y.created_at, y.updated_at, y.version, y.waiting_since, sum(octet_length(y.description)) over (order by y.id desc rows unbounded preceding) - octet_length(y.description) as ahead
    from (select x.id, x.subject, x.description, x.category_id, x.priority, x.status, x.requester_id, x.created_at, x.updated_at, x.version, x.waiting_since from tickets x where x.requester_id = @viewer and x.deleted_at is null and x.id < @before order by x.id desc limit @max) y
) t cross join lateral (select u.username, u.email from users u where u.id = t.requester_id offset 0) u
where t.ahead < @max_bytes::bigint
order by t.id desc;

-- name: OneTicketForAPI :one
-- OneTicketForAPI does the same for one ticket. The first argument of on_staff_side is true
-- because only staff may read a ticket of another user.
select t.id, t.subject, t.description, c.name as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version, t.waiting_since,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '')::text as attachment,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.assignee_id end, 0)::bigint as assignee_id,
       coalesce((select a.username from users a where a.id = t.assignee_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as assignee,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.team_id end, 0)::bigint as team_id,
       coalesce((select g.name from teams g where g.id = t.team_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as team
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.id = @id and t.deleted_at is null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id);

-- name: EntriesOfKind :many
-- EntriesOfKind returns entries of one kind of a ticket after a seq, oldest first, with the
-- author's fields of the API; internal ones only for staff. A batch ends with the entry whose text reaches max_bytes.
select e.seq, e.body, e.author_id, u.username as author, u.email as author_email, u.role as author_role, e.created_at
from (
    select y.seq, y.body, y.author_id, y.created_at, sum(octet_length(y.body)) over (order by y.seq rows unbounded preceding) - octet_length(y.body) as ahead
    from (
        select x.seq, x.body, x.author_id, x.created_at from ticket_events x
        where x.ticket_id = @ticket_id and x.seq > @after and x.kind = @kind::event_kind and (not x.internal or @internal::boolean)
        order by x.seq
        limit @max::int
    ) y
) e
join users u on u.id = e.author_id
where e.ahead < @max_bytes::bigint
order by e.seq;

-- name: FilesOfEntries :many
-- FilesOfEntries returns the files of the entries of a ticket from one seq to another.
select a.seq::bigint as seq, a.name, a.filename, a.content_type, a.size from attachments a
where a.ticket_id = @ticket_id::bigint and a.seq between @first::bigint and @last::bigint and a.removed_at is null
order by a.id;
