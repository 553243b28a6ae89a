-- name: HasTickets :one
select exists (select from tickets);

-- name: BackdateAccount :exec
-- BackdateAccount makes an account of a demonstration look older.
update users set created_at = @created_at, seen_at = @seen_at where id = @id;

-- name: TakeConsumer :one
-- TakeConsumer removes a consumer, so that no events are queued for it, and returns its kinds.
delete from outbox_consumers where name = @name returning kinds::text[] as kinds;
