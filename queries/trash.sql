-- name: CountDeletion :one
-- CountDeletion counts what would be deleted with the ticket. Chat messages are counted up
-- to a thousand.
select t.comment_count, t.file_count,
       (select count(*) from (select from ticket_events e where e.ticket_id = t.id and e.kind = 'message' limit 1000) m)::int as message_count
from tickets t where t.id = @id;

-- name: DeleteTicket :exec
update tickets set deleted_at = @now::timestamptz, deleted_by = @deleted_by::bigint where id = @id;

-- name: ListTrash :many
-- ListTrash returns deleted tickets that the viewer may read, after a sort key, the last deleted first.
select t.id, t.subject, t.status, t.priority, t.comment_count, t.file_count, t.deleted_at::timestamptz as deleted_at,
       r.username as requester, coalesce(d.username, '') as deleter
from tickets t
join users r on r.id = t.requester_id
left join users d on d.id = t.deleted_by
where t.deleted_at is not null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id) and (t.deleted_at, t.id) < (@before::timestamptz, @before_id::bigint)
order by t.deleted_at desc, t.id desc
limit @max;

-- name: RestoreTicket :one
update tickets set deleted_at = null, deleted_by = null
where id = @id and deleted_at is not null and may_read(@reach::text, @viewer::bigint, requester_id, team_id)
returning status;
