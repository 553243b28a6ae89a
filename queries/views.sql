-- name: ListViews :many
-- ListViews returns the views that a user may read: their own first, then those of all
-- staff and those of teams.
select v.id, v.name, v.query, v.owner_id, v.team_id, coalesce(t.name, '') as team, v.position,
       exists (select from view_pins p where p.user_id = @viewer and p.view_id = v.id) as pinned,
       (view_access(v.owner_id, v.team_id, @viewer, @manages) = 2)::boolean as may_change
from views v
left join teams t on t.id = v.team_id
where view_access(v.owner_id, v.team_id, @viewer, @manages) > 0
order by v.owner_id is null, v.team_id is not null, t.name, v.team_id, v.position, v.id
limit @max;

-- name: GetView :one
select v.id, v.name, v.query, v.owner_id, v.team_id, coalesce(t.name, '') as team, v.position,
       exists (select from view_pins p where p.user_id = @viewer and p.view_id = v.id) as pinned,
       (view_access(v.owner_id, v.team_id, @viewer, @manages) = 2)::boolean as may_change
from views v
left join teams t on t.id = v.team_id
where v.id = @id and view_access(v.owner_id, v.team_id, @viewer, @manages) > 0;

-- name: ListSidebar :many
-- ListSidebar returns the teams of a user that are in use, with whether the user leads them and the number of all of them,
-- and then the views in their sidebar that they may still read. If there are too many teams, those that the user leads stay.
(select false::boolean as is_view, t.id, t.name, '' as query, t.private, m.lead, row_number() over (order by t.name, t.id) as place, count(*) over () as total
from team_members m
join teams t on t.id = m.team_id
where m.user_id = @viewer and t.retired_at is null
order by m.lead desc, place
limit @max_teams)
union all
(select true, v.id, v.name, v.query, false, false, row_number() over (order by v.owner_id is null, v.team_id is not null, t.name, v.team_id, v.position, v.id) as place, count(*) over ()
from view_pins p
join views v on v.id = p.view_id
left join teams t on t.id = v.team_id
where p.user_id = @viewer and view_access(v.owner_id, v.team_id, @viewer, @manages) > 0
order by place
limit @max_pins)
order by is_view, place;

-- name: ListTeamsForViews :many
-- ListTeamsForViews returns the teams in use whose views a user may change.
select t.id, t.name
from teams t
where t.retired_at is null and view_access(null, t.id, @viewer, @manages) = 2
order by t.name, t.id
limit @max;

-- name: LockViews :exec
-- LockViews lets one transaction at a time change views, so that their limits hold.
select pg_advisory_xact_lock(7003);

-- name: CountViewsOf :one
-- CountViewsOf returns the number of views of a user, a team or, without both, of all staff.
select count(*) from views where owner_id is not distinct from sqlc.narg(owner_id) and team_id is not distinct from sqlc.narg(team_id);

-- name: SameView :one
-- SameView returns the id of the view with the same name and query of the same owner or
-- team: a form that was sent twice.
select id from views
where coalesce(owner_id, 0) = coalesce(sqlc.narg(owner_id)::bigint, 0) and coalesce(team_id, 0) = coalesce(sqlc.narg(team_id)::bigint, 0)
  and name_key = @name_key and name = @name and query = @query;

-- name: AddView :one
insert into views (name, name_key, query, owner_id, team_id, position)
values (@name, @name_key, @query, sqlc.narg(owner_id), sqlc.narg(team_id),
        (select coalesce(max(position), 0) + 1 from views where owner_id is not distinct from sqlc.narg(owner_id) and team_id is not distinct from sqlc.narg(team_id)))
returning id;

-- name: UpdateView :exec
-- UpdateView changes a view. If it gets another owner or team, it becomes the last one there.
update views v set name = @name, name_key = @name_key, query = @query, owner_id = sqlc.narg(owner_id), team_id = sqlc.narg(team_id),
    position = case when v.owner_id is not distinct from sqlc.narg(owner_id) and v.team_id is not distinct from sqlc.narg(team_id) then v.position
        else (select coalesce(max(o.position), 0) + 1 from views o where o.owner_id is not distinct from sqlc.narg(owner_id) and o.team_id is not distinct from sqlc.narg(team_id)) end
where v.id = @id;

-- name: ViewBeside :one
-- ViewBeside returns the view before or after a view of the same owner or team.
select o.id, o.position from views v
join views o on o.owner_id is not distinct from v.owner_id and o.team_id is not distinct from v.team_id
where v.id = @id and case when @up::boolean then (o.position, o.id) < (v.position, v.id) else (o.position, o.id) > (v.position, v.id) end
order by case when @up then -o.position else o.position end, case when @up then -o.id else o.id end
limit 1;

-- name: SetViewPosition :exec
update views set position = @position where id = @id;

-- name: RemoveView :exec
delete from views where id = @id;

-- name: CountPins :one
-- CountPins counts the pins of the views that a user may still read. The others are not shown, and cannot be removed.
select count(*) from view_pins p
join views v on v.id = p.view_id
where p.user_id = @viewer and view_access(v.owner_id, v.team_id, @viewer, @manages) > 0;

-- name: PinView :exec
insert into view_pins (user_id, view_id) values (@user_id, @view_id) on conflict do nothing;

-- name: UnpinView :exec
delete from view_pins where user_id = @user_id and view_id = @view_id;

-- name: NamesOfFilters :many
-- NamesOfFilters returns the names of users whom filters name: staff, and requesters of a ticket that the viewer may read.
select u.id, u.username from users u
where u.id = any (@ids::bigint[]) and (works_as_staff(u.role) or exists (
    select from tickets t where t.requester_id = u.id and t.deleted_at is null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id)));

-- name: NamesOfWorkers :one
-- NamesOfWorkers returns the names of a member of staff and a team, '' for an id that there is not, and whether
-- the user is disabled or no member of staff.
select coalesce((select u.username from users u where u.id = @assignee_id and works_as_staff(u.role)), '')::text as assignee,
       coalesce((select t.name from teams t where t.id = @team_id), '')::text as team,
       exists (select from users u where u.id = @assignee_id and (u.disabled_at is not null or not works_as_staff(u.role))) as assignee_gone;
