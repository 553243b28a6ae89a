-- name: ListOwnTickets :many
-- ListOwnTickets returns a customer's own tickets, the last updated first. unread is -1 for
-- a ticket that the viewer has never opened. This query and ListAllTickets are the most
-- frequent ones and keep a plan. Filtered lists are composed by internal/ticketquery.
select t.id, t.subject, t.requester_id, ''::text as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread
from tickets t
join categories c on c.id = t.category_id
where t.requester_id = @viewer::bigint and t.deleted_at is null
order by t.updated_at desc, t.id desc
limit @max;

-- name: ListAllTickets :many
-- ListAllTickets returns the tickets of all requesters, for staff. Assignee and team are empty
-- for the viewer's own tickets. The first argument of on_staff_side is true because the viewer
-- is one of staff.
select t.id, t.subject, t.requester_id, u.username as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.assignee_id end, 0)::bigint as assignee_id,
       coalesce((select a.username from users a where a.id = t.assignee_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as assignee,
       coalesce((select g.name from teams g where g.id = t.team_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as team
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.deleted_at is null
order by t.updated_at desc, t.id desc
limit @max;

-- name: CountOwnTickets :many
-- CountOwnTickets returns the number of a customer's tickets of each status, each counted up
-- to cap.
select s.status::ticket_status as status,
       (select count(*) from (select from tickets t where t.requester_id = @viewer::bigint and t.deleted_at is null and t.status = s.status limit @cap::int) capped)::int as n
from unnest(enum_range(null::ticket_status)) as s(status);

-- name: ScopeTeams :one
-- ScopeTeams returns the teams that limit which tickets a user may read, see scope_teams in
-- the migrations.
select scope_teams(@reach::text, @viewer::bigint)::bigint[];
