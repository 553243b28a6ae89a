-- name: HasTickets :one
select exists (select from tickets);

-- name: BackdateAccount :exec
-- A demonstration's people have been here for a while.
update users set created_at = @created_at, seen_at = @seen_at where id = @id;
