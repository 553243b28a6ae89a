-- name: ListShownTickets :many
-- The tickets of a list that somebody looks at, as they are by now. Which of them
-- are not there any more, or not for this viewer, is told by their absence alone.
select t.id, t.subject, t.requester_id, u.username as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.id = any (@shown::bigint[]) and t.deleted_at is null
  and (@sees_all::boolean or t.requester_id = @viewer::bigint);

-- name: CountNewTickets :one
-- Tickets of a filter that were opened since a time and are not shown, counted up
-- to a bound. What is newer than since was changed after it too: that is what the
-- requesters' index knows. Run it through db.Planned, as FilterTickets.
select count(*) from (
    select from tickets t
    where t.deleted_at is null and t.created_at > @since::timestamptz and t.updated_at > @since::timestamptz
      and t.id <> all (@shown::bigint[])
      and (@sees_all::boolean or t.requester_id = @viewer::bigint)
      and (@requester_id::bigint = 0 or t.requester_id = @requester_id::bigint)
      and (@category_id::bigint = 0 or t.category_id = @category_id::bigint)
      and (@priority::text = '' or t.priority = nullif(@priority::text, '')::ticket_priority)
      and (@status::text = '' or t.status = nullif(@status::text, '')::ticket_status)
      and (not @active::boolean or t.status in ('OPEN', 'IN_PROGRESS'))
      and (not @waiting::boolean or coalesce(t.waiting_since, '9999-01-01 00:00:00Z') < @waiting_before::timestamptz)
      and (not @searched::boolean or t.id = any (@found::bigint[]))
    limit @max::int
) n;
