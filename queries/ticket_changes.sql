-- name: ListShownTickets :many
-- ListShownTickets returns the tickets of an open list in their current state. Tickets that
-- were deleted or that the viewer may not read are missing. The first argument of on_staff_side
-- is true because only staff may read a ticket of another user.
select t.id, t.subject, t.requester_id, u.username as requester_name, c.name as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer::bigint), -1)::int as unread,
       coalesce(case when on_staff_side(true, @viewer::bigint, t.requester_id) then t.assignee_id end, 0)::bigint as assignee_id,
       coalesce((select a.username from users a where a.id = t.assignee_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as assignee,
       coalesce((select g.name from teams g where g.id = t.team_id and on_staff_side(true, @viewer::bigint, t.requester_id)), '')::text as team
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.id = any (@shown::bigint[]) and t.deleted_at is null
  and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id);
