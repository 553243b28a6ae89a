-- Each query returns descriptions of what differs from the log, or from the rows that a
-- counter counts. The numbers of other rows are correct.

-- name: BrokenLogs :many
-- BrokenLogs returns the tickets whose log has gaps, or another last seq than the ticket.
select t.id, t.last_seq, coalesce(e.entries, 0)::bigint as entries, coalesce(e.first, 0)::bigint as first, coalesce(e.last, 0)::bigint as last
from tickets t
left join (select ticket_id, count(*) as entries, min(seq) as first, max(seq) as last from ticket_events group by ticket_id) e on e.ticket_id = t.id
where coalesce(e.entries, 0) <> t.last_seq or coalesce(e.last, 0) <> t.last_seq or (t.last_seq > 0 and e.first <> 1)
order by t.id limit @max;

-- name: WrongCounts :many
-- WrongCounts returns the tickets whose numbers of comments or public files are wrong.
select t.id, t.comment_count, t.file_count, coalesce(c.n, 0)::bigint as comments, coalesce(f.n, 0)::bigint as files
from tickets t
left join (select ticket_id, count(*) as n from ticket_events where kind = 'comment' group by ticket_id) c on c.ticket_id = t.id
left join (select a.ticket_id, count(*) as n from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq and not e.internal
           where a.removed_at is null group by a.ticket_id) f on f.ticket_id = t.id
where coalesce(c.n, 0) <> t.comment_count or coalesce(f.n, 0) <> t.file_count
order by t.id limit @max;

-- name: WrongTotals :many
-- WrongTotals returns the counters of the dashboard that are wrong.
select coalesce(c.status, t.status)::ticket_status as status, coalesce(c.priority, t.priority)::ticket_priority as priority,
       coalesce(c.category_id, t.category_id)::bigint as category_id, coalesce(c.n, 0)::bigint as counted, coalesce(t.n, 0)::bigint as tickets
from (select status, priority, category_id, sum(n)::bigint as n from ticket_counts group by status, priority, category_id) c
full join (select status, priority, category_id, count(*) as n from tickets where deleted_at is null group by status, priority, category_id) t
    on (t.status, t.priority, t.category_id) = (c.status, c.priority, c.category_id)
where coalesce(c.n, 0) <> coalesce(t.n, 0)
limit @max;

-- name: WrongUnread :many
-- WrongUnread returns read positions whose number of unread entries is wrong. Internal
-- entries are not counted for the requester.
select r.ticket_id, r.user_id, r.seq, r.unread, e.n as entries
from ticket_reads r
join tickets t on t.id = r.ticket_id
cross join lateral (select count(*) as n from ticket_events e where e.ticket_id = r.ticket_id and e.seq > r.seq and e.author_id <> r.user_id
                    and (not e.internal or r.user_id <> t.requester_id)) e
where e.n <> r.unread
order by r.ticket_id, r.user_id limit @max;

-- name: CountVerified :one
select (select count(*) from tickets) as tickets, (select count(*) from ticket_events) as entries;
