-- name: SweepTickets :execrows
-- Deleted tickets whose days of grace are over, some at a time, with their log
-- and the rows of their files. The files themselves go after. One that is being
-- restored is asked for its date again when its lock is free.
delete from tickets t where t.deleted_at < @before::timestamptz and t.id in (
    select d.id from tickets d where d.deleted_at < @before::timestamptz order by d.deleted_at limit @max);

-- name: SweepStaged :execrows
-- Files of forms that were never sent.
delete from attachments where ticket_id is null and created_at < @before;

-- name: NeededFiles :many
-- Which of these names still stand for a file. What was removed from a ticket
-- is kept a while longer, for a restored backup.
select name from attachments
where name = any(@names::text[]) and (removed_at is null or removed_at > @removed_before::timestamptz);
