-- name: RightHolds :one
-- Whether the actor still has the right that a request came with; see the
-- function. The transaction holds it until it ends.
select right_holds(@user_id, @role::text, @version::int, @session::text, @token::bytea, @now::timestamptz, false);

-- name: HoldRightAlone :exec
-- Locks the account as a statement does that ends one of its rights. A
-- transaction that reads the actor's own right first and then ends it takes
-- this before: two that raise a shared lock would wait for each other.
select pg_advisory_xact_lock(right_key(@user_id::bigint));
