-- name: LockRead :exec
-- LockRead locks the reader's row, so that the count that follows misses no entry that is
-- being written.
select 1 from ticket_reads where ticket_id = @ticket_id and user_id = @user_id for update;

-- name: SeeTicket :one
-- SeeTicket records that the user has seen the log up to seq. Later entries of other users
-- that the user sees are unread. It returns the seq of the last public event up to seq, for
-- users who do not see the internal ones. It returns no rows if the user may not read the
-- ticket.
with ticket as (
    select t.*, on_staff_side(@is_staff::boolean, @user_id::bigint, t.requester_id) as sees_internal
    from tickets t where t.id = @ticket_id and t.deleted_at is null and may_read(@reach::text, @user_id::bigint, t.requester_id, t.team_id)
), seen as (
    insert into ticket_reads as r (ticket_id, user_id, seq, unread)
    select t.id, @user_id, least(@seq::bigint, case when t.sees_internal then t.last_seq else public_seq(t.last_seq, t.internal_seq, t.public_seq_before) end),
           (select count(*) from ticket_events e where e.ticket_id = t.id and e.seq > @seq::bigint and e.author_id <> @user_id and (not e.internal or t.sees_internal))
    from ticket t
    on conflict (ticket_id, user_id) do update set seq = excluded.seq, unread = excluded.unread
    where r.seq <= excluded.seq
)
select (case when t.internal_seq = 0 then least(@seq::bigint, t.last_seq)
    else coalesce((select max(e.seq) from ticket_events e where e.ticket_id = t.id and e.seq <= @seq::bigint and not e.internal), 0) end)::bigint as public_seq
from ticket t;

-- name: ReadSeq :one
-- ReadSeq returns the seq up to which a user has read a ticket.
select coalesce((select seq from ticket_reads where ticket_id = @ticket_id and user_id = @user_id), 0)::bigint;
