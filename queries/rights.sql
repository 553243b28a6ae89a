-- name: RightHolds :one
-- RightHolds reports whether the actor still has the right with which the request came (see
-- the function right_holds in the migrations), and locks it until the transaction ends.
select right_holds(@user_id, @role::text, @version::int, @session::text, @token::bytea, @now::timestamptz, false);

-- name: HoldRight :exec
-- HoldRight keeps the account, the role and the teams of a user from changing until the
-- transaction ends. It does not lock the row of the user: a transaction that changes them locks the
-- row first and then the right, so that one that holds a right must not wait for a row.
select pg_advisory_xact_lock_shared(right_key(@user_id::bigint));

-- name: HoldRightAlone :exec
-- HoldRightAlone locks the account as a statement does that ends one of its rights. A
-- transaction that first checks the actor's own right and then ends it must call this first:
-- two transactions that upgrade a shared lock would deadlock.
select pg_advisory_xact_lock(right_key(@user_id::bigint));
