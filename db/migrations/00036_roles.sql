-- +goose Up
-- Roles of staff that admins make. The built-in roles (customer, agent, admin) have no rows:
-- their permissions are part of the program.
create table roles (
    id           bigint      not null generated always as identity unique,
    name         text        primary key constraint roles_name_length check (char_length(name) between 1 and 60),
    -- The key by which names are compared, see internal/input/identifier.go.
    name_key     text        not null constraint roles_name_key unique constraint roles_name_built_in check (name_key not in ('customer', 'agent', 'admin')),
    see_all      boolean     not null default false,
    reply        boolean     not null default false,
    note         boolean     not null default false,
    triage       boolean     not null default false,
    "delete"     boolean     not null default false,
    manage_users boolean     not null default false,
    manage_desk  boolean     not null default false,
    version      int         not null default 1,
    created_at   timestamptz not null default now(),
    -- The permissions as a set of bits, see Permission of package account. Every role has the first one.
    permissions  int         not null generated always as (1 + see_all::int * 2 + reply::int * 4 + note::int * 8 + triage::int * 16 + "delete"::int * 32
        + manage_users::int * (64 + 128) + manage_desk::int * (256 + 512 + 1024)) stored
);

-- A user with a role of this table has the built-in role agent beside it. permissions has those of
-- the role, so that a request reads them without a join; null means those of the built-in role.
alter table users
    add column custom_role text references roles on update cascade,
    add column permissions int;
create index users_custom_role_idx on users (custom_role) where custom_role is not null;
create index users_staff_idx on users (role desc, id desc) where role <> 'customer';

-- works_as_staff is the permission WorkAsStaff of package account.
create function works_as_staff(role user_role) returns boolean
language sql immutable parallel safe
return role <> 'customer';

-- +goose StatementBegin
create function users_permissions() returns trigger
language plpgsql as $$
begin
    if new.role <> 'agent' then
        new.custom_role := null;
    end if;
    new.permissions := (select r.permissions from roles r where r.name = new.custom_role);
    return new;
end
$$;
-- +goose StatementEnd

create trigger users_permissions before update of role, custom_role on users
    for each row execute function users_permissions();
create trigger users_first_permissions before insert on users
    for each row when (new.custom_role is not null) execute function users_permissions();

-- A role with other permissions gives them to its users at once. The triggers of users then wait for
-- their transactions that are running, and make the replicas check their open pages.
-- +goose StatementBegin
create function roles_changed() returns trigger
language plpgsql as $$
begin
    update users u set permissions = new.permissions where u.custom_role = new.name;
    return null;
end
$$;
-- +goose StatementEnd

create trigger roles_changed after update of see_all, reply, note, triage, "delete", manage_users, manage_desk on roles
    for each row when (old.permissions is distinct from new.permissions) execute function roles_changed();

-- role_key identifies what a role allows. A request began with it, and must still have it when it
-- writes. RoleKey of package account is the same. The version of the program before knows only
-- 'agent', so it refuses what users with another role of staff write.
create function role_key(role user_role, permissions int) returns text
language sql immutable parallel safe
return case when permissions is null then role::text else role::text || '/' || permissions::text end;

-- The function of 00012 with role_key.
-- +goose StatementBegin
create or replace function right_holds(holder bigint, as_role text, version int, session text, token bytea, at timestamptz, skip_locked boolean) returns boolean
language plpgsql volatile cost 1000 as $$
begin
    if skip_locked then
        if not pg_try_advisory_xact_lock_shared(right_key(holder)) then
            return false;
        end if;
    else
        perform pg_advisory_xact_lock_shared(right_key(holder));
    end if;
    -- A volatile function sees what was committed while it waited.
    return exists (
        select from users u
        where u.id = holder and u.disabled_at is null and role_key(u.role, u.permissions) = as_role
          and (version = 0 or u.session_ver = version)
          and (session = '' or exists (
              select from sessions s
              where s.token_hash = session and s.user_id = holder and s.revoked_at is null and s.expires_at > at
                and (s.data ->> 'session_ver')::int = u.session_ver))
          and (token is null or exists (
              select from api_tokens k
              where k.token_hash = token and k.user_id = holder and k.revoked_at is null and (k.expires_at is null or k.expires_at > at))));
end
$$;
-- +goose StatementEnd

-- The triggers of 00004 and 00012, which end a right or report that it has changed, with the permissions.
drop trigger users_right_ends on users;
create trigger users_right_ends before update of role, custom_role, permissions, disabled_at, session_ver on users
    for each row when ((old.role, old.permissions, old.disabled_at, old.session_ver) is distinct from (new.role, new.permissions, new.disabled_at, new.session_ver))
    execute function users_right_ends();
drop trigger users_told on users;
create trigger users_told after update of role, custom_role, permissions, disabled_at, session_ver on users
    for each row when ((old.role, old.permissions, old.disabled_at, old.session_ver) is distinct from (new.role, new.permissions, new.disabled_at, new.session_ver))
    execute function users_told();

-- reach_of returns the reach of a role, see 00034. A role that admins have made never reaches the
-- tickets of other private teams. 2 is SeeAllTickets.
create function reach_of(role user_role, permissions int) returns text
language sql immutable parallel safe
return case when permissions is not null then case when permissions & 2 <> 0 then 'open' else 'teams' end
    when role = 'admin' then 'all' when role = 'agent' then 'open' else 'own' end;

-- The functions of 00034 that called it with the role alone.
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
create or replace function teams_made_private() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(u.id)) from (
        select id from users where reach_of(role, permissions) = 'open' and role <> 'customer' order by id) u;
    return new;
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
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd
drop function reach_of(user_role);

-- If a user's new role sees other tickets, the notifications of those are removed that the user may
-- not read any more. Before, all were removed.
-- +goose StatementBegin
create or replace function users_notifications_removed() returns trigger
language plpgsql as $$
begin
    delete from notifications n using tickets t
    where n.user_id = new.id and t.id = n.ticket_id and not may_read(reach_of(new.role, new.permissions), new.id, t.requester_id, t.team_id);
    return null;
end
$$;
-- +goose StatementEnd
drop trigger users_notifications_removed on users;
create trigger users_notifications_removed after update of role, custom_role, permissions on users
    for each row when (reach_of(old.role, old.permissions) is distinct from reach_of(new.role, new.permissions))
    execute function users_notifications_removed();

-- +goose Down
-- +goose StatementBegin
create or replace function users_notifications_removed() returns trigger
language plpgsql as $$
begin
    delete from notifications n where n.user_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd
drop trigger users_notifications_removed on users;
create trigger users_notifications_removed after update of role on users
    for each row when (sees_all_tickets(old.role) is distinct from sees_all_tickets(new.role))
    execute function users_notifications_removed();
create function reach_of(role user_role) returns text
language sql immutable parallel safe
return case role when 'admin' then 'all' when 'agent' then 'open' else 'own' end;
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
          and not may_read(reach_of(u.role), u.id, t.requester_id, t.team_id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function teams_made_private() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(u.id)) from (
        select id from users where reach_of(role) = 'open' and role > 'customer' order by id) u;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function teams_hidden() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || u.id) from users u where u.role > 'customer' and reach_of(u.role) = 'open';
    delete from notifications n using tickets t, users u
    where t.team_id = new.id and n.ticket_id = t.id and u.id = n.user_id
      and not may_read(reach_of(u.role), u.id, t.requester_id, t.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd
drop function reach_of(user_role, int);
drop trigger users_told on users;
create trigger users_told after update of role, disabled_at, session_ver on users
    for each row when ((old.role, old.disabled_at, old.session_ver) is distinct from (new.role, new.disabled_at, new.session_ver))
    execute function users_told();
drop trigger users_right_ends on users;
create trigger users_right_ends before update of role, disabled_at, session_ver on users
    for each row when ((old.role, old.disabled_at, old.session_ver) is distinct from (new.role, new.disabled_at, new.session_ver))
    execute function users_right_ends();
-- +goose StatementBegin
create or replace function right_holds(holder bigint, as_role text, version int, session text, token bytea, at timestamptz, skip_locked boolean) returns boolean
language plpgsql volatile cost 1000 as $$
begin
    if skip_locked then
        if not pg_try_advisory_xact_lock_shared(right_key(holder)) then
            return false;
        end if;
    else
        perform pg_advisory_xact_lock_shared(right_key(holder));
    end if;
    -- A volatile function sees what was committed while it waited.
    return exists (
        select from users u
        where u.id = holder and u.disabled_at is null and u.role::text = as_role
          and (version = 0 or u.session_ver = version)
          and (session = '' or exists (
              select from sessions s
              where s.token_hash = session and s.user_id = holder and s.revoked_at is null and s.expires_at > at
                and (s.data ->> 'session_ver')::int = u.session_ver))
          and (token is null or exists (
              select from api_tokens k
              where k.token_hash = token and k.user_id = holder and k.revoked_at is null and (k.expires_at is null or k.expires_at > at))));
end
$$;
-- +goose StatementEnd
drop trigger users_first_permissions on users;
drop trigger users_permissions on users;
-- Without their role, its users would get the rights of the built-in role agent.
update users set role = 'customer', session_ver = session_ver + 1 where custom_role is not null;
drop index users_staff_idx;
alter table users drop column custom_role, drop column permissions;
drop table roles;
drop function users_permissions, roles_changed, role_key(user_role, int), works_as_staff(user_role);
