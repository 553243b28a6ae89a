-- name: TimelineReads :many
-- TimelineReads returns up to which seq each reader has read the ticket. notified is true for a
-- reader with an unread notification of the ticket.
select coalesce(r.user_id, n.user_id)::bigint as user_id, coalesce(r.seq, 0)::bigint as seq, coalesce(r.unread, 0)::int as unread,
       (n.user_id is not null)::boolean as notified
from (select k.user_id, k.seq, k.unread from ticket_reads k where k.ticket_id = @ticket_id) r
full join (select o.user_id from notifications o where o.ticket_id = @ticket_id and o.user_id = @viewer and o.read_at is null) n on n.user_id = r.user_id;

-- name: TimelineEntries :many
-- TimelineEntries returns the newest entries before a seq that the viewer sees, newest first.
-- The texts of a changed description are left out: no page shows them, and each change has
-- two.
select e.seq, e.kind, e.author_id, u.username as author, u.role as author_role, coalesce(e.side::text, '')::text as side, e.internal, e.body,
       (case when e.kind = 'field' and e.data ->> 'field' = 'description' then '{"field": "description"}' else e.data end)::jsonb as data, e.created_at
from ticket_events e
join users u on u.id = e.author_id
where e.ticket_id = @ticket_id and e.seq < @before
  and (not e.internal or on_staff_side(@is_staff::boolean, @viewer::bigint, (select t.requester_id from tickets t where t.id = @ticket_id)))
order by e.seq desc
limit @max;

-- name: TimelineEntriesAfter :many
-- TimelineEntriesAfter returns the entries after a seq, oldest first; internal ones only for
-- staff.
select e.seq, e.kind, e.author_id, u.username as author, u.role as author_role, coalesce(e.side::text, '')::text as side, e.internal, e.body,
       (case when e.kind = 'field' and e.data ->> 'field' = 'description' then '{"field": "description"}' else e.data end)::jsonb as data, e.created_at
from ticket_events e
join users u on u.id = e.author_id
where e.ticket_id = @ticket_id and e.seq > @after and (not e.internal or @internal::boolean)
order by e.seq
limit @max;

-- name: TimelineFiles :many
-- TimelineFiles returns the existing files of the ticket that the viewer sees, with the seq
-- of their entry.
select a.seq::bigint as seq, a.name, a.filename, a.content_type, a.size
from attachments a
where a.ticket_id = @ticket_id::bigint and a.removed_at is null
  and (on_staff_side(@is_staff::boolean, @viewer::bigint, (select t.requester_id from tickets t where t.id = @ticket_id::bigint))
       or not exists (select from ticket_events e where e.ticket_id = a.ticket_id and e.seq = a.seq and e.internal))
order by a.seq, a.id;

-- name: MarkRead :exec
-- MarkRead marks the log as read only if the row is as the page found it. An entry that
-- arrived in between stays unread.
insert into ticket_reads as r (ticket_id, user_id, seq, unread)
values (@ticket_id, @user_id, @seq, 0)
on conflict (ticket_id, user_id) do update set seq = greatest(r.seq, excluded.seq), unread = 0
where r.seq = @was_seq and r.unread = @was_unread;
