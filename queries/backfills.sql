-- name: PendingBackfills :many
-- PendingBackfills returns the names of the jobs that are not finished.
select name from backfills where finished_at is null;

-- name: TryLockBackfills :one
-- TryLockBackfills reports whether this connection got the lock of the jobs, which it holds
-- until it is closed. One replica runs the jobs.
select pg_try_advisory_lock(@key::bigint);

-- name: HoldBackfill :one
-- HoldBackfill returns the position of a job and locks it until the transaction ends. It
-- returns no rows if the job is finished.
select position from backfills where name = @name and finished_at is null for update;

-- name: MoveBackfill :exec
update backfills set position = @position, started_at = coalesce(started_at, now()), finished_at = case when @finished::boolean then now() end
where name = @name;

-- name: FillSearchNames :one
-- FillSearchNames adds up to max users after a number to search_names, except those that are
-- there already. It returns the last number, 0 if there were none. The foreign key refuses
-- users who are deleted meanwhile.
with batch as materialized (
    select u.id, u.username, u.email from users u where u.id > @after order by u.id limit @max::int
), filled as (
    insert into search_names select b.id, search_name(b.username, b.email) from batch b on conflict (user_id) do nothing
)
select coalesce(max(b.id), 0)::bigint from batch b;

-- name: FillSearchTickets :one
-- FillSearchTickets adds the texts of up to max tickets after a number to search_tickets,
-- except those that are there already: the rows of the triggers are newer. It returns the
-- last number, 0 if there were none. It locks the row of a ticket in the trash, which may be
-- deleted for good at any time, so that none of its texts remains.
with batch as materialized (
    select t.id, t.subject, t.description, t.deleted_at from tickets t where t.id > @after order by t.id limit @max::int
), held as materialized (
    select t.id from tickets t where t.id in (select b.id from batch b where b.deleted_at is not null) for key share
), filled as (
    insert into search_tickets
    select b.id, x.terms, x.runs from batch b cross join lateral search_text(b.id, b.subject || ' ' || b.description) x
    where b.deleted_at is null or b.id in (select h.id from held h)
    on conflict (ticket_id) do nothing
)
select coalesce(max(b.id), 0)::bigint from batch b;

-- name: FillSearchComments :many
-- FillSearchComments does the same for up to max entries of the log after a position. It
-- returns the last one, if any.
with batch as materialized (
    select e.ticket_id, e.seq, e.kind, e.body from ticket_events e
    where (e.ticket_id, e.seq) > (@ticket_id::bigint, @seq::bigint) order by e.ticket_id, e.seq limit @max::int
), held as materialized (
    select t.id from tickets t where t.deleted_at is not null and t.id in (select b.ticket_id from batch b) for key share
), filled as (
    insert into search_comments
    select b.ticket_id, b.seq, x.terms, x.runs from batch b cross join lateral search_text(b.ticket_id, b.body) x
    where b.kind = 'comment' and (exists (select from tickets t where t.id = b.ticket_id and t.deleted_at is null) or b.ticket_id in (select h.id from held h))
    on conflict (ticket_id, seq) do nothing
)
select b.ticket_id, b.seq from batch b order by b.ticket_id desc, b.seq desc limit 1;
