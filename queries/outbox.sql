-- name: RegisterConsumer :exec
-- RegisterConsumer adds a consumer, or adds kinds to a registered one. Kinds are never
-- removed, because a replica of another version may need them.
insert into outbox_consumers as c (name, kinds) values (@name, (@kinds::text[])::event_kind[])
on conflict (name) do update set kinds = c.kinds || array(select unnest(excluded.kinds) except select unnest(c.kinds))
where not c.kinds @> excluded.kinds;

-- name: FindQueuedTickets :many
-- FindQueuedTickets returns the next tickets after one in the queue of a consumer. It gives
-- each a position before its first event in the queue, and removes the events of tickets
-- that were deleted for good, with the position that a statement may have added while the
-- ticket was being deleted. The caller skips rows with gone. Each ticket is looked up in a
-- scalar subquery, because the table of tickets is large.
with next as (
    select q.id, min(q.seq) as first from outbox_queue q
    where q.consumer = @consumer and q.stream = 'ticket' and q.id > @after
    group by q.id order by q.id limit @max
), known as (
    select n.id, n.first, (select t.id from tickets t where t.id = n.id) is null as gone,
           (select p.seq from outbox_positions p where p.stream = 'ticket' and p.id = n.id and p.consumer = @consumer) is null as new
    from next n
), opened as (
    insert into outbox_positions (stream, id, consumer, seq)
    select 'ticket', k.id, @consumer, k.first - 1 from known k where k.new and not k.gone
    on conflict do nothing
), removed as (
    delete from outbox_queue q using known k where k.gone and q.consumer = @consumer and q.stream = 'ticket' and q.id = k.id
), closed as (
    delete from outbox_positions p using known k where k.gone and p.consumer = @consumer and p.stream = 'ticket' and p.id = k.id
)
select id, gone::boolean as gone from known order by id;

-- name: ClaimTickets :many
-- ClaimTickets locks the positions of tickets that are due and not claimed by another
-- replica, until the transaction ends. It also locks the tickets, so that they are not
-- deleted for good meanwhile. For the select around the array, here and below, see ListUpdates.
select p.id, p.seq, p.tries
from outbox_positions p
join tickets t on t.id = p.id
where p.stream = 'ticket' and p.consumer = @consumer and p.id = any ((select @tickets::bigint[])::bigint[]) and (p.retry_at is null or p.retry_at <= now())
order by p.id
for update of p skip locked for key share of t skip locked;

-- name: QueuedEvents :many
-- QueuedEvents returns the first events of each claimed ticket after its position, in order.
-- It reads no more of the queue and the log than that.
select e.ticket_id as id, e.seq, e.kind, e.author_id, coalesce(e.side::text, '')::text as side, e.data, e.created_at
from rows from (unnest((select @tickets::bigint[])), unnest((select @after::bigint[]))) as w(id, after)
cross join lateral (
    select q.seq from outbox_queue q
    where q.consumer = @consumer and q.stream = 'ticket' and q.id = w.id and q.seq > w.after
    order by q.seq limit @each
) n
cross join lateral (select x.ticket_id, x.seq, x.kind, x.author_id, x.side, x.data, x.created_at from ticket_events x where x.ticket_id = w.id and x.seq = n.seq offset 0) e
order by e.ticket_id, e.seq;

-- name: AdvancePositions :exec
-- AdvancePositions sets positions to the last delivered event and removes delivered events
-- from the queue.
with w as (
    select * from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[]))) as w(id, seq)
), moved as (
    update outbox_positions p set seq = w.seq, tries = 0, retry_at = null
    from w where p.stream = 'ticket' and p.id = w.id and p.consumer = @consumer
)
delete from outbox_queue q using w where q.consumer = @consumer and q.stream = 'ticket' and q.id = w.id and q.seq <= w.seq;

-- name: CountTry :one
-- CountTry counts a failed delivery of the event after a position, unless another replica
-- has counted it or has delivered the event. The pause doubles with each try.
update outbox_positions p
set tries = p.tries + 1, retry_at = now() + interval '1 second' * cast(@pause_seconds as float8) * power(2, p.tries)
where p.stream = 'ticket' and p.id = @id and p.consumer = @consumer and p.seq = @seq and p.tries = @tries
returning p.tries;

-- name: AddDeadEvent :exec
insert into outbox_dead (consumer, stream, id, seq, error, tries) values (@consumer, 'ticket', @id, @seq, @error, @tries);

-- name: NextRetry :one
-- NextRetry returns the time until an event is due again, in milliseconds; -1 if no event
-- waits.
select coalesce((select greatest(ceil(extract(epoch from w.due - now()) * 1000), 0)
    from (select least((select min(p.retry_at) from outbox_positions p where p.consumer = @consumer and p.retry_at is not null),
                       (select min(d.retry_at) from outbox_dead d where d.consumer = @consumer)) as due) w
    where w.due is not null), -1)::bigint; -- greatest ignores nulls

-- name: ClaimDeadEvent :one
-- ClaimDeadEvent returns a dead event for which an operator has requested another delivery.
-- It locks the position as for every delivery, so that other events of the ticket wait.
select d.id, d.seq, d.tries, e.kind, e.author_id, coalesce(e.side::text, '')::text as side, e.data, e.created_at
from outbox_dead d
join outbox_positions p on p.stream = d.stream and p.id = d.id and p.consumer = d.consumer
join tickets t on t.id = d.id
join ticket_events e on e.ticket_id = d.id and e.seq = d.seq
where d.consumer = @consumer and d.stream = 'ticket' and d.retry_at <= now()
order by d.retry_at, d.id, d.seq limit 1
for update of d, p skip locked for key share of t skip locked;

-- name: RemoveDeadEvent :exec
delete from outbox_dead where consumer = @consumer and stream = 'ticket' and id = @id and seq = @seq;

-- name: CountDeadTry :exec
-- CountDeadTry counts a failed delivery of a dead event. After the last try the event waits
-- for an operator again.
update outbox_dead d
set tries = d.tries + 1, error = @error, died_at = now(),
    retry_at = case when d.tries + 1 < @max_tries::int then now() + interval '1 second' * cast(@pause_seconds as float8) * power(2, d.tries) end
where d.consumer = @consumer and d.stream = 'ticket' and d.id = @id and d.seq = @seq and d.tries = @tries and d.retry_at is not null;

-- name: ListDeadEvents :many
select d.consumer, d.id, d.seq, e.kind, d.tries, d.died_at, d.error, (d.retry_at is not null)::boolean as retrying
from outbox_dead d
join ticket_events e on e.ticket_id = d.id and e.seq = d.seq
where d.stream = 'ticket'
order by d.consumer, d.died_at, d.id, d.seq
limit @max;

-- name: RetryDeadEvents :execrows
-- RetryDeadEvents requests another delivery of dead events: all, or those of a consumer, a
-- ticket or a seq ('' and 0 for any).
update outbox_dead set tries = 0, retry_at = now()
where stream = 'ticket' and (@consumer::text = '' or consumer = @consumer) and (@id::bigint = 0 or id = @id) and (@seq::bigint = 0 or seq = @seq);

-- name: OutboxState :many
-- OutboxState returns the numbers of queued and dead events of each consumer.
select c.name, (select count(*) from outbox_queue q where q.consumer = c.name) as queued,
       (select count(*) from outbox_dead d where d.consumer = c.name) as dead
from outbox_consumers c order by c.name;

-- name: WakeOutboxes :exec
-- WakeOutboxes makes every replica look for events that are due, after the commit.
select wake_replicas('o');
