-- name: TicketCounts :many
-- TicketCounts returns the current numbers of tickets, from the counters that every write
-- updates.
select status, priority, category_id, sum(n)::bigint as n from ticket_counts group by status, priority, category_id having sum(n) > 0;

-- name: TicketHours :many
-- TicketHours returns the numbers of opened and resolved tickets per hour.
select hour, sum(opened)::bigint as opened, sum(resolved)::bigint as resolved
from ticket_hours where hour >= @since group by hour;

-- name: WaitingLongest :many
select t.id, t.subject, u.username as requester, t.waiting_since::timestamptz as waiting_since
from tickets t join users u on u.id = t.requester_id
where t.deleted_at is null and t.waiting_since is not null
order by t.waiting_since, t.id limit @max;

-- name: CountWaiting :one
-- CountWaiting counts tickets that have been waiting since before a time, up to a limit.
select count(*) from (
    select from tickets where deleted_at is null and waiting_since is not null and waiting_since < @before::timestamptz limit @max
) w;
