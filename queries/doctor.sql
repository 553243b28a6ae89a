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
