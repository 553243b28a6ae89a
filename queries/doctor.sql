-- name: DoctorServer :one
-- DoctorServer returns the settings of the server that matter for durability, and its clock.
select current_setting('server_version')::text as version,
       current_setting('fsync')::text as fsync, current_setting('full_page_writes')::text as full_page_writes,
       current_setting('synchronous_commit')::text as synchronous_commit,
       current_setting('autovacuum')::text as autovacuum,
       pg_is_in_recovery()::boolean as standby, clock_timestamp()::timestamptz as now, pg_database_size(current_database())::bigint as bytes;

-- name: DoctorJobs :many
-- DoctorJobs returns the jobs in the background that are not finished.
select name, coalesce(extract(epoch from now() - started_at), -1)::float8 as seconds from backfills where finished_at is null order by name;

-- name: DoctorOutbox :many
-- DoctorOutbox returns for each consumer how many events are queued and dead, and the age of
-- the oldest queued one in seconds.
select c.name, (select count(*) from (select from outbox_queue q where q.consumer = c.name limit 100000) n)::bigint as queued,
       (select count(*) from outbox_dead d where d.consumer = c.name)::bigint as dead,
       coalesce((select extract(epoch from now() - e.created_at) from outbox_queue q
                 join ticket_events e on e.ticket_id = q.id and e.seq = q.seq
                 where q.consumer = c.name and q.stream = 'ticket' order by q.id, q.seq limit 1), 0)::float8 as seconds
from outbox_consumers c order by c.name;

-- name: DoctorMail :one
-- DoctorMail returns how much mail waits, has failed since a time, and how long the oldest one has
-- waited, in seconds. Each number is counted up to 100,000.
select (select count(*) from mailboxes where removed_at is null)::bigint as mailboxes,
       (select count(*) from mailboxes where removed_at is null and state = 'paused')::bigint as paused,
       (select count(*) from (select from mail_out where state in ('queued', 'sending') limit 100000) n)::bigint as queued,
       (select count(*) from (select from mail_out where state = 'deferred' limit 100000) n)::bigint as deferred,
       (select count(*) from (select from mail_out where state = 'failed' and finished_at > @failed_since::timestamptz limit 100000) n)::bigint as failed,
       coalesce(extract(epoch from now() - least((select o.created_at from mail_out o where o.state = 'queued' order by o.id limit 1),
           (select o.created_at from mail_out o where o.state = 'deferred' order by o.id limit 1))), 0)::float8 as seconds;

-- name: DoctorMailboxes :many
-- DoctorMailboxes returns the mailboxes that are paused, with the number of mails that wait in each.
-- by_error is true if the desk itself has paused it.
select b.address, b.paused_reason, (b.paused_reason = b.last_error)::boolean as by_error,
       (select count(*) from (select from mail_out o where o.mailbox_id = b.id and o.state in ('queued', 'deferred') limit 100000) n)::bigint as waiting
from mailboxes b where b.removed_at is null and b.state = 'paused' order by b.id;
