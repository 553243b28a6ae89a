-- name: ListTeams :many
-- ListTeams returns all teams by name, those in use first, with whether the viewer is a
-- member of each.
select t.id, t.name, t.private, t.retired_at, coalesce(t.successor_id, 0)::bigint as successor_id, (select count(*) from team_members m where m.team_id = t.id)::int as members,
       (o.user_id is not null)::boolean as is_member, coalesce(o.lead, false)::boolean as is_lead
from teams t
left join team_members o on o.team_id = t.id and o.user_id = @viewer::bigint
order by t.retired_at is not null, lower(t.name), t.id;

-- name: ListTeamMembers :many
-- ListTeamMembers returns the members of a team, leads first, with the number of their active tickets in the team, counted up
-- to max.
select u.id, u.username, u.email, u.role, u.disabled_at, coalesce(u.away_until, '0001-01-01 00:00:00Z')::timestamptz as away_until, m.lead,
       (select count(*) from (select from tickets t where t.assignee_id = u.id and t.team_id = m.team_id and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS') limit @max::int) c)::int as active
from team_members m
join users u on u.id = m.user_id
where m.team_id = @team_id
order by m.lead desc, lower(u.username), u.id;

-- name: LockTeam :one
-- LockTeam locks a team until the transaction ends, so that it is changed by one at a time.
select * from teams where id = @id for no key update;

-- name: AddTeam :one
insert into teams (name, name_key, private) values (@name, @name_key, @private) returning id;

-- name: UpdateTeam :exec
update teams set name = @name, name_key = @name_key, private = @private where id = @id;

-- name: RetireTeam :exec
-- RetireTeam takes a team out of use, with the team that takes its active tickets, or restores
-- it with a null time.
update teams set retired_at = sqlc.narg(retired_at), successor_id = sqlc.narg(successor_id), retired_by = sqlc.narg(retired_by) where id = @id;

-- name: PutTeamMember :exec
insert into team_members (team_id, user_id, lead) values (@team_id, @user_id, @lead)
on conflict (team_id, user_id) do update set lead = excluded.lead;

-- name: RemoveTeamMember :execrows
delete from team_members where team_id = @team_id and user_id = @user_id;

-- name: LeaveTeams :exec
-- LeaveTeams ends the memberships of a user. The caller has locked the account, as for adding a member.
delete from team_members where user_id = @user_id;

-- name: RemoveCustomersFromTeams :exec
delete from team_members m using users u where u.id = m.user_id and not works_as_staff(u.role);

-- name: CountActiveOfTeam :one
-- CountActiveOfTeam counts the active tickets of a team, up to max.
select count(*) from (select from tickets t where t.team_id = @team_id::bigint and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS') limit @max) c;

-- name: FindStaff :many
-- FindStaff returns staff whose name or e-mail address has a text, first those for whom it is the whole
-- name or address. needle is a pattern for search_names; needle_before is one for the
-- names themselves, used until search_names is filled. team, if not null, leaves out those who may not read its tickets.
select u.id, u.username, u.email, u.role, coalesce(u.away_until, '0001-01-01 00:00:00Z')::timestamptz as away_until
from users u
where works_as_staff(u.role) and u.disabled_at is null
  and (sqlc.narg(team)::bigint is null or may_read(reach_of(u.role, u.permissions), u.id, 0, sqlc.narg(team)::bigint))
  and (lower(u.email) = lower(@q::text)
    or (@needle::text <> '' and exists (select from search_names n where n.user_id = u.id and n.name like @needle::text))
    or (@needle_before::text <> '' and lower(u.username || ' ' || u.email) like @needle_before::text))
order by lower(u.email) = lower(@q::text) desc, lower(u.username) = lower(@q::text) desc, lower(u.username), u.id
limit @max;

-- name: IsTeamLead :one
select exists (select from team_members where team_id = @team_id and user_id = @user_id and lead)::boolean;

-- name: TeamOfFilter :one
-- TeamOfFilter returns the name of a team, whether it is retired, and the team that took its tickets then.
select t.name, (t.retired_at is not null)::boolean as retired, coalesce(s.id, 0)::bigint as successor_id, coalesce(s.name, '')::text as successor
from teams t left join teams s on s.id = t.successor_id where t.id = @id;

-- name: AssigneeOfFilter :one
-- AssigneeOfFilter returns the name of a member of staff, and whether their account is disabled.
select u.username, (u.disabled_at is not null)::boolean as disabled from users u where u.id = @id and works_as_staff(u.role);
