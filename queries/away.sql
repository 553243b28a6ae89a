-- name: GetAway :one
-- GetAway returns until when a user is away, in the past or year 1 if they are present.
select coalesce(away_until, '0001-01-01 00:00:00Z')::timestamptz from users where id = @id;

-- name: SetAway :exec
update users set away_until = sqlc.narg('until')::timestamptz where id = @id;

-- name: TeamsToAssign :many
-- TeamsToAssign returns the teams that have an unassigned ticket whose requester waits, and a member
-- with room for it.
select g.id from teams g
where g.retired_at is null
  and exists (select from tickets t where t.team_id = g.id and t.assignee_id is null and t.waiting_since is not null
      and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS'))
  and exists (select from team_members m join users u on u.id = m.user_id
      where m.team_id = g.id and answers(u) and coalesce(u.away_until <= @now::timestamptz, true)
        and (select count(*) from (select from tickets o where o.assignee_id = u.id and o.deleted_at is null and o.status in ('OPEN', 'IN_PROGRESS') limit @capacity::int) x) < @capacity::int)
order by g.id;

-- name: LockAutomaticAssignment :exec
-- LockAutomaticAssignment lets one transaction at a time assign tickets automatically.
select pg_advisory_xact_lock(7005);

-- name: LockNextUnassigned :one
-- LockNextUnassigned locks the unassigned ticket of a team whose requester has waited longest, of those that one of the
-- members may get: a ticket is not assigned to its requester. It skips tickets that another transaction has locked.
select t.id, t.requester_id, g.name as team from tickets t join teams g on g.id = t.team_id and g.retired_at is null
where t.team_id = @team_id::bigint and t.assignee_id is null and t.waiting_since is not null and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
  and array[t.requester_id] <> @members::bigint[]
order by coalesce(t.waiting_since, '9999-01-01 00:00:00Z'), t.id
limit 1 for no key update of t skip locked;

-- name: NextMembers :many
-- NextMembers returns the members of a team who may get a ticket, beginning after the one who got the
-- last.
select m.user_id from team_members m
join teams g on g.id = m.team_id
join users u on u.id = m.user_id
where m.team_id = @team_id and answers(u) and coalesce(u.away_until <= @now::timestamptz, true)
order by m.user_id <= g.last_assigned_id, m.user_id;

-- name: LockMember :one
-- LockMember locks a user who may get a ticket of a team, so that no other transaction assigns them another one
-- meanwhile. It returns no rows if they may not.
select u.id, u.username, reach_of(u.role, u.permissions)::text as reach from users u
where u.id = @id and answers(u) and coalesce(u.away_until <= @now::timestamptz, true)
  and exists (select from team_members m where m.team_id = @team_id and m.user_id = u.id)
for no key update;

-- name: CountAssigned :one
-- CountAssigned counts the active tickets of an assignee, up to a limit.
select count(*) from (select from tickets t where t.assignee_id = @user_id::bigint and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS') limit @max) x;

-- name: SetLastAssigned :exec
update teams set last_assigned_id = @user_id where id = @team_id;
