-- name: PendingBackfills :many
-- Jobs that are not finished.
select name from backfills where finished_at is null;

-- name: TryLockBackfills :one
-- Whether this connection holds the jobs from now on, until it ends: one replica runs them.
select pg_try_advisory_lock(@key::bigint);

-- name: HoldBackfill :one
-- How far a job has come, locked until the transaction ends. No rows where it is finished.
select position from backfills where name = @name and finished_at is null for update;

-- name: MoveBackfill :exec
update backfills set position = @position, started_at = coalesce(started_at, now()), finished_at = case when @finished::boolean then now() end
where name = @name;

-- name: FillSearchNames :one
-- Adds up to max people that follow a number to search_names, but those who are there already, and
-- returns the last number, 0 where none follows. The foreign key keeps out who is deleted meanwhile.
with batch as materialized (
    select u.id, u.username, u.email from users u where u.id > @after order by u.id limit @max::int
), filled as (
    insert into search_names select b.id, search_name(b.username, b.email) from batch b on conflict (user_id) do nothing
)
select coalesce(max(b.id), 0)::bigint from batch b;

-- name: FillSearchTickets :one
-- Adds the own texts of up to max tickets that follow a number to search_tickets, but those that are
-- there already: the triggers are newer. Returns the last number, 0 where none follows. Of a ticket in the trash,
-- which may be deleted for good at any time, the row is held, so that none of its texts is left.
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
-- The same for up to max entries of the log that follow a place; returns the last one, if any follows.
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
