-- name: ServerTime :one
-- ServerTime returns the time of the clock of the database server.
select clock_timestamp()::timestamptz;

-- A clock that was ahead and then corrected leaves times in the future. These statements set
-- a recorded time to the present, and a time of expiry to at most a full duration from now.

-- name: BoundSessionTimes :exec
update sessions set seen_at = least(seen_at, @now::timestamptz), expires_at = least(expires_at, @latest::timestamptz),
    revoked_at = case when revoked_at > @now::timestamptz then @now::timestamptz else revoked_at end
where seen_at > @soon::timestamptz or expires_at > @latest::timestamptz or revoked_at > @soon::timestamptz;

-- name: BoundTokenTimes :exec
-- BoundTokenTimes makes tokens from the future expire after their chosen duration, counted from now.
update api_tokens set expires_at = expires_at - (created_at - @now::timestamptz), created_at = @now::timestamptz
where created_at > @soon::timestamptz;

-- name: BoundStagedTimes :exec
update attachments set created_at = @now::timestamptz where ticket_id is null and created_at > @soon::timestamptz;

-- name: BoundFormTimes :exec
update kept_forms set created_at = @now::timestamptz where created_at > @soon::timestamptz;

-- name: BoundAnswerTimes :exec
update api_answers set created_at = @now::timestamptz where created_at > @soon::timestamptz;

-- name: BoundUserTimes :exec
update users set seen_at = @now::timestamptz where seen_at > @soon::timestamptz;
