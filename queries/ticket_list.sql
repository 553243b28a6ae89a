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
select t.id, t.subject, t.requester_id, u.username as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.deleted_at is null
  and (@sees_all::boolean or t.requester_id = @viewer::bigint)
  and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
  and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
  and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
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
  case when @sort::text = 'created' and not @back::boolean then t.created_at end desc,
  case when @sort::text = 'created' and @back::boolean then t.created_at end,
  case when @sort::text = 'oldest' and not @back::boolean then t.created_at end,
  case when @sort::text = 'oldest' and @back::boolean then t.created_at end desc,
  case when @sort::text = 'urgent' and not @back::boolean then t.priority end desc,
  case when @sort::text = 'urgent' and not @back::boolean then t.updated_at end desc,
  case when @sort::text = 'urgent' and @back::boolean then t.priority end,
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

-- name: FindTickets :many
-- The newest tickets that hold every word, in their own text or in one public
-- comment, up to the cap: rare words by their index, common ones by walking
-- back from the newest ticket. Staff find by the requester's name and address
-- too, and a number finds its ticket. Run it through db.Planned, which knows
-- how common the words are.
select id from (
    (select w.ticket_id as id from ticket_words w join tickets t on t.id = w.ticket_id
        where w.search @@ to_tsquery('simple', @query::text) and t.deleted_at is null
        and (@sees_all::boolean or t.requester_id = @viewer::bigint) order by w.ticket_id desc limit @cap::int)
    union
    (select e.ticket_id from ticket_events e join tickets t on t.id = e.ticket_id
        where e.search @@ to_tsquery('simple', @query::text) and t.deleted_at is null
        and (@sees_all::boolean or t.requester_id = @viewer::bigint) order by e.ticket_id desc limit @cap::int)
    union
    (select t.id from tickets t where t.requester_id in (
            select u.id from users u where @sees_all::boolean and @name_pattern::text <> '' and lower(u.username || ' ' || u.email) like @name_pattern::text limit 200)
        and t.deleted_at is null order by t.updated_at desc limit @cap::int)
    union
    (select t.id from tickets t where t.id = @number::bigint and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @viewer::bigint))
) found
order by id desc limit @cap::int;
