-- name: RecordEvent :one
-- Writes an event that has no text, with the next seq of its ticket, and counts it as
-- unread for all who have read the ticket before, its author apart. The row lock on
-- the ticket orders the commits.
with ticket as (
    update tickets t set last_seq = t.last_seq + 1 where t.id = @ticket_id returning t.last_seq, t.requester_id
), unread as (
    update ticket_reads r set unread = r.unread + 1 from ticket
    where r.ticket_id = @ticket_id and r.user_id <> @author_id::bigint
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, data, created_at)
select @ticket_id, ticket.last_seq, @kind::event_kind, @author_id::bigint, side_of(@author_id::bigint, ticket.requester_id), @data::jsonb, @now
from ticket
returning seq;
