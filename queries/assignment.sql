-- name: GetAssignment :one
-- GetAssignment returns who works on a locked ticket, whatever the actor may see of that.
select t.requester_id, coalesce(t.assignee_id, 0)::bigint as assignee_id, coalesce(a.username, '')::text as assignee,
       coalesce(t.team_id, 0)::bigint as team_id, coalesce(g.name, '')::text as team,
       (g.retired_at is not null)::boolean as is_retired, coalesce(g.successor_id, 0)::bigint as successor_id, g.retired_by,
       coalesce(a.disabled_at is null and may_read(reach_of(a.role, a.permissions), a.id, 0, t.team_id) and coalesce(a.away_until <= @now::timestamptz, true), false)::boolean as assignee_works
from tickets t
left join users a on a.id = t.assignee_id
left join teams g on g.id = t.team_id
where t.id = @ticket_id;

-- name: SetAssignment :exec
update tickets set assignee_id = nullif(@assignee_id::bigint, 0), team_id = nullif(@team_id::bigint, 0) where id = @ticket_id;

-- name: LastAssignment :one
-- LastAssignment returns when and by whom the assignee, or the team, of a ticket was last changed.
select e.created_at, e.author_id, u.username as author from ticket_events e
join users u on u.id = e.author_id
where e.ticket_id = @ticket_id and e.kind = @kind
order by e.seq desc limit 1;

-- name: GetAssignee :one
-- GetAssignee returns whether a user can be the assignee of a ticket of a team. After HoldRight
-- that does not change until the transaction ends; without a team, LockAccount suffices.
select u.id, u.username, (works_as_staff(u.role))::boolean as is_staff, u.disabled_at,
       may_read(reach_of(u.role, u.permissions), u.id, 0, nullif(@team_id::bigint, 0))::boolean as may_read
from users u where u.id = @id;

-- name: LockTicketTeam :one
-- LockTicketTeam returns a team that a ticket moves to, and keeps it from being retired until the transaction ends.
select id, name, private, retired_at from teams where id = @id for share;

-- name: ListAssignable :many
-- ListAssignable returns the staff that a picker offers for a ticket without a search: the members
-- of its team.
select u.id, u.username, coalesce(u.away_until > @now::timestamptz, false)::boolean as away from team_members m
join users u on u.id = m.user_id
where m.team_id = @team_id and u.disabled_at is null and works_as_staff(u.role)
order by lower(u.username), u.id
limit @max;

-- name: LockReleasedOfAssignee :many
-- LockReleasedOfAssignee locks active tickets of an assignee on which they cannot work any more,
-- and returns their ids.
select t.id from tickets t join users a on a.id = t.assignee_id
where t.assignee_id = @user_id::bigint and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
  and (a.disabled_at is not null or not works_as_staff(a.role) or not may_read(reach_of(a.role, a.permissions), a.id, 0, t.team_id))
order by t.id limit @max for no key update of t;

-- name: CountActiveOfAssignee :one
-- CountActiveOfAssignee counts the active tickets of an assignee that the viewer may read, up to max.
select count(*) from (
    select from tickets t where t.assignee_id = @user_id::bigint and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
        and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id) limit @max) c;

-- name: LockActiveOfTeam :many
-- LockActiveOfTeam locks active tickets of a team, and returns their ids.
select id from tickets
where team_id = @team_id::bigint and deleted_at is null and status in ('OPEN', 'IN_PROGRESS')
order by id limit @max for no key update;

-- name: LockUnreadableOfTeam :many
-- LockUnreadableOfTeam locks active tickets of a team whose assignees may not read them, and returns their ids.
select t.id from tickets t join users a on a.id = t.assignee_id
where t.team_id = @team_id::bigint and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
  and not may_read(reach_of(a.role, a.permissions), a.id, 0, t.team_id)
order by t.id limit @max for no key update of t;

-- name: UnassignTickets :exec
-- UnassignTickets removes the assignee of locked tickets, and records that in their logs as an internal event. author 0 is the
-- assignee.
with old as (
    select t.id, t.assignee_id, a.username from tickets t join users a on a.id = t.assignee_id where t.id = any (@tickets::bigint[])
), changed as (
    update tickets t set assignee_id = null, last_seq = t.last_seq + 1, internal_seq = t.last_seq + 1,
        public_seq_before = public_seq(t.last_seq, t.internal_seq, t.public_seq_before)
    from old o where t.id = o.id
    returning t.id, t.last_seq, t.requester_id, o.assignee_id, o.username, coalesce(nullif(@author_id::bigint, 0), o.assignee_id) as author_id
), unread as (
    update ticket_reads r set unread = r.unread + 1 from changed c
    where r.ticket_id = c.id and r.user_id <> c.author_id and r.user_id <> c.requester_id
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, internal, data, created_at)
select c.id, c.last_seq, 'assignment', c.author_id, side_of(c.author_id, c.requester_id), true,
       jsonb_build_object('from', jsonb_build_object('id', c.assignee_id, 'name', c.username), 'to', null, 'why', @why::text), @now
from changed c;

-- name: MoveTickets :exec
-- MoveTickets moves locked tickets to another team, 0 for none, and records that in their logs as an internal event.
with old as (
    select t.id, g.id as team_id, g.name from tickets t join teams g on g.id = t.team_id where t.id = any (@tickets::bigint[])
), changed as (
    update tickets t set team_id = nullif(@team_id::bigint, 0), last_seq = t.last_seq + 1, internal_seq = t.last_seq + 1,
        public_seq_before = public_seq(t.last_seq, t.internal_seq, t.public_seq_before)
    from old o where t.id = o.id
    returning t.id, t.last_seq, t.requester_id, o.team_id as old_team, o.name as old_name
), unread as (
    update ticket_reads r set unread = r.unread + 1 from changed c
    where r.ticket_id = c.id and r.user_id <> @author_id::bigint and r.user_id <> c.requester_id
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, internal, data, created_at)
select c.id, c.last_seq, 'team', @author_id::bigint, side_of(@author_id::bigint, c.requester_id), true,
       jsonb_build_object('from', jsonb_build_object('id', c.old_team, 'name', c.old_name),
           'to', (select jsonb_build_object('id', g.id, 'name', g.name) from teams g where g.id = @team_id::bigint), 'why', @why::text), @now
from changed c;

-- name: AbsentAssignees :many
-- AbsentAssignees returns the users who have active tickets and cannot work on them, because they are
-- disabled or no staff any more, or may not read one of them.
select u.id from users u
where u.id in (select t.assignee_id from tickets t where t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS') and t.assignee_id is not null)
  and (u.disabled_at is not null or not works_as_staff(u.role) or exists (
    select from tickets t where t.assignee_id = u.id and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
      and not may_read(reach_of(u.role, u.permissions), u.id, 0, t.team_id)))
limit 100;

-- name: ReleasedOfRole :many
-- ReleasedOfRole returns the users of a role that admins have made who are assignees of active tickets that they may not
-- read.
select u.id from users u
where u.custom_role = (select r.name from roles r where r.id = @role_id) and exists (
    select from tickets t where t.assignee_id = u.id and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS')
      and not may_read(reach_of(u.role, u.permissions), u.id, 0, t.team_id))
order by u.id;

-- name: UnreadableTickets :many
-- UnreadableTickets returns those of the given tickets, which are locked, whose assignees may not read them.
select t.id from tickets t join users a on a.id = t.assignee_id
where t.id = any (@tickets::bigint[]) and not may_read(reach_of(a.role, a.permissions), a.id, 0, t.team_id);

-- name: UnfinishedRetirements :many
-- UnfinishedRetirements returns retired teams that still have active tickets. Teams that were retired before
-- migration 37 keep them: who retired the team is not known, and an entry of the log needs an author.
select g.id, coalesce(g.successor_id, 0)::bigint as successor_id, g.retired_by::bigint as retired_by from teams g
where g.retired_at is not null and g.retired_by is not null and exists (
    select from tickets t where t.team_id = g.id and t.deleted_at is null and t.status in ('OPEN', 'IN_PROGRESS'));
