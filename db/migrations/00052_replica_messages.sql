-- +goose Up
-- Messages between replicas are sent by NOTIFY, or, if the replicas use NATS, by the program after
-- the commit. NATS can lose messages, and does not deliver those of several replicas in the order
-- of the commits. So this table has the messages that a replica could not find out otherwise. It
-- also has the messages that a right has changed if they were sent by NOTIFY. Upkeep deletes them
-- after some minutes. A reader that has read the rows below the xmin of a snapshot continues with
-- the rows from that xmin on, because ids are not in the order of the commits.
create table replica_messages (
    xid     bigint      not null default pg_current_xact_id()::text::bigint, -- of the transaction that wrote it
    id      bigint      not null generated always as identity,
    message text        not null,
    at      timestamptz not null default now(),
    primary key (xid, id)
);

-- sends_messages reports whether the program of this session sends the messages itself. It is part
-- of the name of the application, because a pooler keeps that name for each of its clients, and no
-- other setting. Sessions of the version before have other names and use NOTIFY.
create function sends_messages() returns boolean
language sql stable parallel safe
return strpos(current_setting('application_name'), '(nats)') > 0;

-- wake_replicas sends a message to the replicas when the transaction commits: by NOTIFY, or in a
-- notice, which the program sends after the commit.
-- +goose StatementBegin
create function wake_replicas(message text) returns void
language plpgsql as $$
begin
    if sends_messages() then
        raise info using errcode = 'FD001', message = message;
        insert into replica_messages (message) values (message);
    else
        perform pg_notify('frontdesk', message);
        if message like 'u %' then
            insert into replica_messages (message) values (message);
        end if;
    end if;
end
$$;
-- +goose StatementEnd

-- The function of 00031. The messages about logs are not stored: the replicas read last_seq.
-- +goose StatementBegin
create or replace function tickets_told() returns trigger
language plpgsql as $$
declare
    told constant text := case when new.internal_seq = new.last_seq then concat_ws(' ', 'i', new.id, new.last_seq)
        else concat_ws(' ', 't', new.id, new.last_seq, new.requester_id) end;
begin
    if sends_messages() then
        raise info using errcode = 'FD001', message = told;
    else
        perform pg_notify('frontdesk', told);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- The functions of 00004, 00014, 00033, 00036 and 00039 with wake_replicas.
-- +goose StatementBegin
create or replace function users_told() returns trigger
language plpgsql as $$
begin
    perform wake_replicas('u ' || new.id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function sessions_told() returns trigger
language plpgsql as $$
begin
    perform wake_replicas('u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function api_tokens_told() returns trigger
language plpgsql as $$
begin
    perform wake_replicas('u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function settings_told() returns trigger
language plpgsql as $$
begin
    perform wake_replicas('s');
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function team_members_changed() returns trigger
language plpgsql as $$
declare
    member constant bigint := coalesce(new.user_id, old.user_id);
begin
    perform wake_replicas('u ' || member);
    if tg_op = 'DELETE' then
        delete from notifications n using tickets t, users u
        where n.user_id = member and u.id = member and t.id = n.ticket_id and t.team_id = old.team_id
          and not may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function teams_hidden() returns trigger
language plpgsql as $$
begin
    perform wake_replicas('u ' || u.id) from users u where u.role <> 'customer' and reach_of(u.role, u.permissions) = 'open';
    delete from notifications n using tickets t, users u
    where t.team_id = new.id and n.ticket_id = t.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    if exists (select from teams g where g.id = new.team_id and g.private) or exists (select from roles r where not r.see_all) then
        perform wake_replicas('u ' || u.id) from users u
        where u.role <> 'customer' and u.disabled_at is null
          and may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, old.team_id)
          and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    end if;
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    if exists (select from teams g where g.id = new.team_id and g.private) or exists (select from roles r where not r.see_all) then
        perform pg_notify('frontdesk', 'u ' || u.id) from users u
        where u.role <> 'customer' and u.disabled_at is null
          and may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, old.team_id)
          and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    end if;
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function teams_hidden() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || u.id) from users u where u.role <> 'customer' and reach_of(u.role, u.permissions) = 'open';
    delete from notifications n using tickets t, users u
    where t.team_id = new.id and n.ticket_id = t.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function team_members_changed() returns trigger
language plpgsql as $$
declare
    member constant bigint := coalesce(new.user_id, old.user_id);
begin
    perform pg_notify('frontdesk', 'u ' || member);
    if tg_op = 'DELETE' then
        delete from notifications n using tickets t, users u
        where n.user_id = member and u.id = member and t.id = n.ticket_id and t.team_id = old.team_id
          and not may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function settings_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 's');
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function api_tokens_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function sessions_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function users_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function tickets_told() returns trigger
language plpgsql as $$
begin
    if new.internal_seq = new.last_seq then
        perform pg_notify('frontdesk', concat_ws(' ', 'i', new.id, new.last_seq));
    else
        perform pg_notify('frontdesk', concat_ws(' ', 't', new.id, new.last_seq, new.requester_id));
    end if;
    return null;
end
$$;
-- +goose StatementEnd

drop function wake_replicas, sends_messages;
drop table replica_messages;
