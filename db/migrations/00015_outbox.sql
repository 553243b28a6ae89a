-- +goose Up
-- The outbox delivers events of the tickets' logs to consumers after their
-- transactions have committed. See docs/outbox.md.

-- The logs that consumers can read. An event's key is (stream, id, seq).
create type event_stream as enum ('ticket');

-- The consumers that programs have registered, and the kinds of events that each gets.
create table outbox_consumers (
    name          text         primary key,
    stream        event_stream not null default 'ticket',
    kinds         event_kind[] not null,
    registered_at timestamptz  not null default now()
);

-- The events that a consumer still has to get. The trigger below adds them, and
-- the transaction that delivers them removes them.
create table outbox_queue (
    consumer text         not null,
    stream   event_stream not null,
    id       bigint       not null,
    seq      bigint       not null,
    primary key (consumer, stream, id, seq)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);

-- Up to which seq a consumer has got a log. The lock on this row is the claim on
-- the log: the replica that has locked it delivers, and the other replicas skip it.
create table outbox_positions (
    stream   event_stream not null,
    id       bigint       not null,
    consumer text         not null references outbox_consumers on delete cascade,
    seq      bigint       not null,
    tries    int          not null default 0, -- failed deliveries of the event that follows seq
    retry_at timestamptz,                     -- when to try that event again
    primary key (stream, id, consumer)
) with (fillfactor = 80);
create index outbox_positions_retry_idx on outbox_positions (consumer, retry_at) where retry_at is not null;

-- Events that could not be delivered. retry_at is null until an operator asks to
-- deliver one again.
create table outbox_dead (
    consumer text         not null references outbox_consumers on delete cascade,
    stream   event_stream not null,
    id       bigint       not null,
    seq      bigint       not null,
    error    text         not null,
    tries    int          not null,
    died_at  timestamptz  not null default now(),
    retry_at timestamptz,
    primary key (consumer, stream, id, seq)
);

-- A trigger and not a part of the statements that write events, because the
-- version before this one writes events as well while it still runs.
-- +goose StatementBegin
create function ticket_events_queued() returns trigger
language plpgsql as $$
begin
    insert into outbox_queue (consumer, stream, id, seq)
    select c.name, 'ticket', e.ticket_id, e.seq
    from added e join outbox_consumers c on c.stream = 'ticket' and e.kind = any (c.kinds);
    return null;
end
$$;
-- +goose StatementEnd

create trigger ticket_events_queued after insert on ticket_events
    referencing new table as added for each statement execute function ticket_events_queued();

-- Removes the positions and dead events of a ticket that is deleted for good. Its rows in the queue are
-- removed when a consumer reads them.
-- +goose StatementBegin
create function tickets_outbox_removed() returns trigger
language plpgsql as $$
begin
    delete from outbox_positions p using removed r where p.stream = 'ticket' and p.id = r.id;
    delete from outbox_dead d using removed r where d.stream = 'ticket' and d.id = r.id;
    return null;
end
$$;
-- +goose StatementEnd

create trigger tickets_outbox_removed after delete on tickets
    referencing old table as removed for each statement execute function tickets_outbox_removed();

-- +goose Down
drop trigger tickets_outbox_removed on tickets;
drop trigger ticket_events_queued on ticket_events;
drop function tickets_outbox_removed, ticket_events_queued;
drop table outbox_dead, outbox_positions, outbox_queue, outbox_consumers;
drop type event_stream;
