-- +goose Up
-- The counters of the dashboard are updated by each write, because counting a million rows
-- for each page is too slow. The rows are spread over shards, so that two writers rarely
-- update the same one.
create table ticket_counts (
    status      ticket_status   not null,
    priority    ticket_priority not null,
    category_id bigint          not null references categories on delete cascade,
    shard       smallint        not null,
    n           bigint          not null,
    primary key (status, priority, category_id, shard)
);

-- Tickets opened and resolved in each hour (UTC), summed to days of the desk's time zone when read.
create table ticket_hours (
    hour     timestamptz not null,
    shard    smallint    not null,
    opened   bigint      not null default 0,
    resolved bigint      not null default 0,
    primary key (hour, shard)
);

-- +goose StatementBegin
create function count_ticket(s ticket_status, p ticket_priority, c bigint, delta bigint) returns void
language sql as $$
    insert into ticket_counts as t (status, priority, category_id, shard, n)
    values (s, p, c, pg_backend_pid() % 16, delta)
    on conflict (status, priority, category_id, shard) do update set n = t.n + excluded.n
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function tickets_counted() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE'
        and (old.status, old.priority, old.category_id, old.deleted_at is null)
          = (new.status, new.priority, new.category_id, new.deleted_at is null) then
        return null;
    end if;
    if tg_op <> 'INSERT' and old.deleted_at is null then
        perform count_ticket(old.status, old.priority, old.category_id, -1);
    end if;
    if tg_op <> 'DELETE' and new.deleted_at is null then
        perform count_ticket(new.status, new.priority, new.category_id, 1);
    end if;
    if tg_op = 'INSERT' then
        insert into ticket_hours as h (hour, shard, opened) values (date_trunc('hour', new.created_at), pg_backend_pid() % 16, 1)
        on conflict (hour, shard) do update set opened = h.opened + 1;
    elsif tg_op = 'UPDATE' and new.status = 'RESOLVED' and old.status <> 'RESOLVED' then
        insert into ticket_hours as h (hour, shard, resolved) values (date_trunc('hour', new.updated_at), pg_backend_pid() % 16, 1)
        on conflict (hour, shard) do update set resolved = h.resolved + 1;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

create trigger tickets_counted after insert or update or delete on tickets
    for each row execute function tickets_counted();

-- +goose Down
drop trigger tickets_counted on tickets;
drop function tickets_counted, count_ticket;
drop table ticket_hours, ticket_counts;
