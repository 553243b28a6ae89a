-- name: SweepTickets :execrows
-- SweepTickets deletes tickets from the trash whose retention has ended, a limited number at
-- a time, with their log and the rows of their files. The files themselves are removed
-- later. The date is checked again on the locked row, in case a ticket is being restored.
delete from tickets t where t.deleted_at < @before::timestamptz and t.id in (
    select d.id from tickets d where d.deleted_at < @before::timestamptz order by d.deleted_at limit @max);

-- name: SweepStaged :execrows
-- SweepStaged removes files of forms that were never sent.
delete from attachments where ctid = any(array(select o.ctid from attachments o where o.ticket_id is null and o.created_at < @before order by o.created_at limit @max for update skip locked));

-- name: NeededFiles :many
-- NeededFiles returns which of the names still belong to a file. A file that was removed
-- from a ticket is kept for some time, in case a backup is restored.
select name from attachments
where name = any(@names::text[]) and (removed_at is null or removed_at > @removed_before::timestamptz);

-- name: MayDeleteFiles :one
-- MayDeleteFiles reports whether no backup is running. It must be asked after NeededFiles: a
-- backup that begins later has no row of the files that were not needed.
select pg_try_advisory_xact_lock(7005);
