-- +goose Up
-- Which tickets a user may read. Their own always, and depending on the reach of their role,
-- of the tickets of others:
--   own    none
--   teams  those of the teams in which the user is a member
--   open   all, except those of private teams in which the user is no member
--   all    all
-- Scope of package account is the same for an actor.

-- reach_of returns the reach of a role.
create function reach_of(role user_role) returns text
language sql immutable parallel safe
return case role when 'admin' then 'all' when 'agent' then 'open' else 'own' end;

-- reads_team reports whether a user with the reach teams or open may read the tickets of a team.
create function reads_team(reach text, viewer bigint, team bigint) returns boolean
language sql stable parallel safe
return exists (select from team_members m where m.team_id = team and m.user_id = viewer)
    or reach = 'open' and not (select t.private from teams t where t.id = team);

-- may_read reports whether a user may read a ticket. It is the condition of every query of single
-- tickets. PostgreSQL inlines it, and calls reads_team only for tickets with a team.
create function may_read(reach text, viewer bigint, requester bigint, team bigint) returns boolean
language sql stable parallel safe
return requester = viewer or reach = 'all' or reach = 'open' and team is null
    or reach in ('teams', 'open') and team is not null and reads_team(reach, viewer, team);

-- scope_teams returns the teams that limit a user's reach: with open, those whose tickets the user may
-- not read; with teams, those whose tickets the user may read. Lists have them as parameters.
create function scope_teams(reach text, viewer bigint) returns bigint[]
language sql stable parallel safe
return case reach
    when 'open' then array(select t.id from teams t where t.private and not exists (select from team_members m where m.team_id = t.id and m.user_id = viewer))
    when 'teams' then array(select m.team_id from team_members m where m.user_id = viewer)
    else '{}' end;

-- holds_team is reads_team for a transaction that writes to a ticket. Like right_holds it locks the
-- right of the author until the transaction ends, and statements that end a membership wait for
-- that. A volatile function sees what was committed before the lock was granted.
-- +goose StatementBegin
create function holds_team(reach text, viewer bigint, team bigint) returns boolean
language plpgsql volatile cost 1000 as $$
begin
    perform pg_advisory_xact_lock_shared(right_key(viewer));
    return reads_team(reach, viewer, team);
end
$$;
-- +goose StatementEnd

-- A user who leaves a team loses the right to its tickets if the team is private, or if the user
-- sees only the tickets of their teams. As in 00012, the right ends after running writes have
-- committed. The replicas check the user's open pages, and notifications of tickets that the user
-- may not read any more are removed.
-- +goose StatementBegin
create function team_members_right_ends() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(old.user_id));
    return old;
end
$$;
-- +goose StatementEnd

create trigger team_members_right_ends before delete on team_members
    for each row execute function team_members_right_ends();

-- +goose StatementBegin
create function team_members_changed() returns trigger
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

create trigger team_members_changed after insert or delete on team_members
    for each row execute function team_members_changed();

-- A team that becomes private does the same to all staff who are no members.
-- +goose StatementBegin
create function teams_made_private() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(u.id)) from (
        select id from users where reach_of(role) = 'open' and role > 'customer' order by id) u;
    return new;
end
$$;
-- +goose StatementEnd

create trigger teams_made_private before update of private on teams
    for each row when (new.private and not old.private) execute function teams_made_private();

-- +goose StatementBegin
create function teams_hidden() returns trigger
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

create trigger teams_hidden after update of private on teams
    for each row when (new.private and not old.private) execute function teams_hidden();

-- And so does a ticket that moves to another team.
-- +goose StatementBegin
create function tickets_moved() returns trigger
language plpgsql as $$
begin
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd

create trigger tickets_moved after update of team_id on tickets
    for each row when (new.team_id is distinct from old.team_id) execute function tickets_moved();

-- +goose Down
drop trigger tickets_moved on tickets;
drop trigger teams_hidden on teams;
drop trigger teams_made_private on teams;
drop trigger team_members_changed on team_members;
drop trigger team_members_right_ends on team_members;
drop function tickets_moved, teams_hidden, teams_made_private, team_members_changed, team_members_right_ends, holds_team, scope_teams, may_read, reads_team, reach_of;
