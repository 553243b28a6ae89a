-- name: RecordEvent :one
-- RecordEvent writes an event without text with the next seq of its ticket. It counts the
-- event as unread for all users who have opened the ticket, except the author. The row lock
-- on the ticket makes seqs follow the order of commits.
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

-- name: RecordInternalEvent :one
-- RecordInternalEvent writes an event that only staff see. It counts the event as unread for
-- staff who have opened the ticket, except the author. It changes nothing that the
-- requester sees: neither the time of the last change nor the version nor the waiting time.
with ticket as (
    update tickets t
    set last_seq = t.last_seq + 1, internal_seq = t.last_seq + 1,
        public_seq_before = public_seq(t.last_seq, t.internal_seq, t.public_seq_before)
    where t.id = @ticket_id returning t.last_seq, t.requester_id
), unread as (
    update ticket_reads r set unread = r.unread + 1 from ticket
    where r.ticket_id = @ticket_id and r.user_id <> @author_id::bigint and r.user_id <> ticket.requester_id
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, internal, body, data, submission_id, submission_hash, created_at)
select @ticket_id, ticket.last_seq, @kind::event_kind, @author_id::bigint, side_of(@author_id::bigint, ticket.requester_id), true,
       @body::text, @data::jsonb, nullif(@submission_id::text, ''), @submission_hash::bytea, @now
from ticket
returning seq;
