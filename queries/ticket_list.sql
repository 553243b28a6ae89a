-- name: ListOwnTickets :many
-- A customer's own tickets, the last updated first: the page they see most, so
-- it has a plan of its own. unread is -1 where the viewer never opened it.
select t.id, t.subject, t.requester_id, ''::text as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
join categories c on c.id = t.category_id
where t.requester_id = @viewer::bigint and t.deleted_at is null
order by t.updated_at desc, t.id desc
limit @max;

-- name: ListAllTickets :many
-- The same of everybody's, for staff.
select t.id, t.subject, t.requester_id, u.username as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.deleted_at is null
order by t.updated_at desc, t.id desc
limit @max;

-- name: FilterTickets :many
-- Every other list: filtered, sorted, searched, from a cursor on, forwards or
-- back. Run it through db.Planned: what a value switches off folds away then,
-- and each order walks the index that keeps it.
select t.id, t.subject, t.requester_id, (select u.username from users u where u.id = t.requester_id)::text as requester_name,
       (select c.name from categories c where c.id = t.category_id)::text as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
where t.deleted_at is null
  and (@sees_all::boolean or t.requester_id = @viewer::bigint)
  and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
  and (@category_id::bigint = 0 or case when @sees_all::boolean and @requester_id::bigint = 0 then t.category_id = @category_id::bigint else t.category_id + 0 = @category_id::bigint end)
  and (@priority::text = '' or case when @sees_all::boolean and @requester_id::bigint = 0 then t.priority = nullif(@priority::text, '')::ticket_priority else t.priority::text = @priority::text end)
  and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
  and (not @active::boolean or t.status in ('OPEN', 'IN_PROGRESS'))
  and (not @waiting::boolean or coalesce(t.waiting_since, '9999-01-01 00:00:00Z') < @waiting_before::timestamptz)
  and (not @searched::boolean or t.id = any (@found::bigint[]))
  and (@sort::text <> 'updated' or not @paged::boolean or case when @back::boolean then (t.updated_at, t.id) > (@at::timestamptz, @id::bigint) else (t.updated_at, t.id) < (@at::timestamptz, @id::bigint) end)
  and (@sort::text <> 'created' or not @paged::boolean or case when @back::boolean then (t.created_at, t.id) > (@at::timestamptz, @id::bigint) else (t.created_at, t.id) < (@at::timestamptz, @id::bigint) end)
  and (@sort::text <> 'oldest' or not @paged::boolean or case when @back::boolean then (t.created_at, t.id) < (@at::timestamptz, @id::bigint) else (t.created_at, t.id) > (@at::timestamptz, @id::bigint) end)
  and (@sort::text <> 'urgent' or not @paged::boolean or case when @back::boolean then (t.priority, t.updated_at, t.id) > (@at_priority::ticket_priority, @at::timestamptz, @id::bigint) else (t.priority, t.updated_at, t.id) < (@at_priority::ticket_priority, @at::timestamptz, @id::bigint) end)
  and (@sort::text <> 'waiting' or not @paged::boolean or case when @back::boolean then (coalesce(t.waiting_since, '9999-01-01 00:00:00Z'), t.id) < (@at::timestamptz, @id::bigint) else (coalesce(t.waiting_since, '9999-01-01 00:00:00Z'), t.id) > (@at::timestamptz, @id::bigint) end)
order by
  case when @sort::text = 'updated' and not @back::boolean then t.updated_at end desc,
  case when @sort::text = 'updated' and @back::boolean then t.updated_at end,
  case when @sort::text = 'created' and not @back::boolean then case when @sees_all::boolean and @requester_id::bigint = 0 then t.created_at else t.created_at + interval '0' end end desc,
  case when @sort::text = 'created' and @back::boolean then case when @sees_all::boolean and @requester_id::bigint = 0 then t.created_at else t.created_at + interval '0' end end,
  case when @sort::text = 'oldest' and not @back::boolean then case when @sees_all::boolean and @requester_id::bigint = 0 then t.created_at else t.created_at + interval '0' end end,
  case when @sort::text = 'oldest' and @back::boolean then case when @sees_all::boolean and @requester_id::bigint = 0 then t.created_at else t.created_at + interval '0' end end desc,
  case when @sort::text = 'urgent' and not @back::boolean and @sees_all::boolean and @requester_id::bigint = 0 then t.priority end desc,
  case when @sort::text = 'urgent' and not @back::boolean and not (@sees_all::boolean and @requester_id::bigint = 0) then array_position(enum_range(null::ticket_priority), t.priority) end desc,
  case when @sort::text = 'urgent' and not @back::boolean then t.updated_at end desc,
  case when @sort::text = 'urgent' and @back::boolean and @sees_all::boolean and @requester_id::bigint = 0 then t.priority end,
  case when @sort::text = 'urgent' and @back::boolean and not (@sees_all::boolean and @requester_id::bigint = 0) then array_position(enum_range(null::ticket_priority), t.priority) end,
  case when @sort::text = 'urgent' and @back::boolean then t.updated_at end,
  case when @sort::text = 'waiting' and not @back::boolean then coalesce(t.waiting_since, '9999-01-01 00:00:00Z') end,
  case when @sort::text = 'waiting' and @back::boolean then coalesce(t.waiting_since, '9999-01-01 00:00:00Z') end desc,
  case when @sort::text in ('updated', 'created', 'urgent') and not @back::boolean or @sort::text in ('oldest', 'waiting') and @back::boolean then t.id end desc,
  case when @sort::text in ('updated', 'created', 'urgent') and @back::boolean or @sort::text in ('oldest', 'waiting') and not @back::boolean then t.id end
limit @max::int;

-- name: CountOwnTickets :many
-- How many tickets of each status a customer has, each counted up to the cap.
select s.status::ticket_status as status,
       (select count(*) from (select from tickets t where t.requester_id = @viewer::bigint and t.deleted_at is null and t.status = s.status limit @cap::int) capped)::int as n
from unnest(enum_range(null::ticket_status)) as s(status);
