-- name: Follow :exec
-- Follow makes a user a follower of a ticket, also one who had unfollowed it. The reason of
-- a follower stays.
insert into followers as f (ticket_id, user_id, reason, created_at) values (@ticket_id, @user_id, @reason, @now)
on conflict (ticket_id, user_id) do update set muted = false, reason = excluded.reason, created_at = excluded.created_at where f.muted;

-- name: Unfollow :exec
-- Unfollow ends the notifications of a user about a ticket. The row stays, because a user who
-- has written on the ticket is notified without one.
insert into followers (ticket_id, user_id, reason, muted, created_at) values (@ticket_id, @user_id, 'chosen', true, @now)
on conflict (ticket_id, user_id) do update set muted = true, created_at = excluded.created_at;

-- name: FollowAssigned :exec
-- FollowAssigned makes users followers of tickets that were assigned to them at a time, unless they have
-- unfollowed the ticket since.
insert into followers as f (ticket_id, user_id, reason, created_at)
select distinct on (t.id, u.id) t.id, u.id, 'assigned', a.created_at
from rows from (unnest(@tickets::bigint[]), unnest(@users::bigint[]), unnest(@times::timestamptz[])) as a(ticket_id, user_id, created_at)
join tickets t on t.id = a.ticket_id
join users u on u.id = a.user_id
order by t.id, u.id, a.created_at desc
on conflict (ticket_id, user_id) do update set muted = false, reason = excluded.reason, created_at = excluded.created_at
    where f.muted and f.created_at < excluded.created_at;

-- name: ListFollowers :many
-- ListFollowers returns the followers of a ticket who may still read it as staff, by name.
-- The viewer is returned also if they have muted the ticket. The user @joins (0 for none) is returned as an
-- assignee if they neither follow nor have muted the ticket: the outbox will make them a follower.
with f as (
    select own.user_id, own.reason, own.muted from followers own where own.ticket_id = @ticket_id
    union all
    select @joins::bigint, 'assigned', false
    where not exists (select 1 from followers own where own.ticket_id = @ticket_id and own.user_id = @joins)
)
select u.id, u.username, u.role, f.reason, f.muted from f
join users u on u.id = f.user_id and u.disabled_at is null
join tickets t on t.id = @ticket_id
where (not f.muted or f.user_id = @viewer::bigint)
  and on_staff_side(works_as_staff(u.role), u.id, t.requester_id) and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
order by u.username, u.id
limit @max;

-- name: FindMentioned :many
-- FindMentioned returns the colleagues who may be meant by names: staff who may read the
-- ticket, except its requester. nr is the position of the name. whole is true for a full
-- name or an e-mail address, and false for a first name. Of the users who have the same name, or the
-- same first name, it returns two: the name is ambiguous then.
with asked as (
    select a.nr, search_fold(a.name) as name from rows from (unnest(@names::text[])) with ordinality as a(name, nr)
), staff as materialized (
    select u.id, u.username, search_fold(u.username) as name, search_fold(split_part(u.username, ' ', 1)) as first, search_fold(u.email) as address
    from users u join tickets t on t.id = @ticket_id
    where works_as_staff(u.role) and u.disabled_at is null and on_staff_side(works_as_staff(u.role), u.id, t.requester_id)
      and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
), named as (
    select s.id, s.username, s.name, true as whole from staff s
    union select s.id, s.username, s.address, true from staff s
    union all select s.id, s.username, s.first, false from staff s where s.first not in (s.name, s.address)
), found as (
    select n.*, row_number() over (partition by n.name, n.whole order by n.id) as place
    from named n where n.name in (select a.name from asked a)
)
select a.nr::int as nr, f.id, f.username, f.whole::boolean as whole
from asked a join found f on f.name = a.name and f.place <= 2
order by a.nr, f.id;

-- name: FindNamesOnTicket :many
-- FindNamesOnTicket returns those of the given names that are the full name of a member of staff, also of one who
-- cannot be mentioned, or of the requester of a ticket.
with known as materialized (
    select search_fold(u.username) as name from users u where works_as_staff(u.role)
    union select search_fold(u.username) from tickets t join users u on u.id = t.requester_id where t.id = @ticket_id
)
select a.name::text as name from unnest(@names::text[]) as a(name)
where search_fold(a.name) in (select k.name from known k);

-- name: SuggestMentioned :many
-- SuggestMentioned returns the colleagues who can be mentioned on a ticket and who have a name that begins with a text, by
-- name and without the viewer. text is what mentions them: the e-mail address, if several have the same name.
with staff as materialized (
    select u.id, u.username, u.email, search_fold(u.username) as folded, count(*) over (partition by search_fold(u.username)) as namesakes
    from users u join tickets t on t.id = @ticket_id
    where works_as_staff(u.role) and u.disabled_at is null and on_staff_side(works_as_staff(u.role), u.id, t.requester_id)
      and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
)
select n.username as name, (case when n.namesakes > 1 then n.email else n.username end)::text as text, n.email
from staff n
where n.id <> @viewer::bigint and strpos(' ' || n.folded, ' ' || search_fold(@beginning::text)) > 0
order by n.folded, n.id
limit @max;
