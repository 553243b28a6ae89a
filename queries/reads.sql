-- name: LockRead :exec
-- LockRead locks the reader's row, so that the count that follows misses no entry that is
-- being written.
select 1 from ticket_reads where ticket_id = @ticket_id and user_id = @user_id for update;

-- name: SeeTicket :exec
-- SeeTicket records that the user has seen the log up to seq. Later entries of other users
-- are unread.
insert into ticket_reads as r (ticket_id, user_id, seq, unread)
select t.id, @user_id, least(@seq::bigint, t.last_seq),
       (select count(*) from ticket_events e where e.ticket_id = t.id and e.seq > @seq::bigint and e.author_id <> @user_id)
from tickets t where t.id = @ticket_id and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @user_id)
on conflict (ticket_id, user_id) do update set seq = excluded.seq, unread = excluded.unread
where r.seq <= excluded.seq;
