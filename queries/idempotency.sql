-- name: BeginAnswer :one
-- BeginAnswer reserves a key for one request, for a few seconds by the clock of the
-- database. It returns no rows if another request has the key. A reservation that has
-- expired because its process ended is replaced, and so is an answer encrypted with a key
-- that no process has any more. User 0 is a visitor.
insert into api_answers as a (user_id, key, seal, request_hash, created_at, holder, held_until)
values (nullif(@user_id::bigint, 0), @key, @seal, @request_hash, @now::timestamptz, @holder, now() + make_interval(secs => @hold::float8))
on conflict (scope, key) do update set seal = excluded.seal, request_hash = excluded.request_hash, status = 0, body = '', location = '',
    created_at = excluded.created_at, holder = excluded.holder, held_until = excluded.held_until
where a.created_at < @expired::timestamptz or a.status = 0 and coalesce(a.held_until, a.created_at + interval '1 minute') < now()
   or a.status <> 0 and a.seal <> all(@seals::bytea[])
returning scope;

-- name: ExtendKeyLock :execrows
-- ExtendKeyLock extends the reservation of a key. It returns no rows if another request has
-- taken over the key.
update api_answers set held_until = now() + make_interval(secs => @hold::float8)
where scope = @user_id and key = @key and holder = @holder and status = 0;

-- name: GetAnswer :one
select seal, request_hash, status, body, location from api_answers where scope = @user_id and key = @key;

-- name: StoreAnswer :exec
-- StoreAnswer stores the answer of a request. It does nothing if another request has taken
-- over the key.
update api_answers set status = @status, body = @body, location = @location
where scope = @user_id and key = @key and holder = @holder and status = 0;

-- name: ReleaseKey :exec
-- ReleaseKey removes the reservation after a failure of the server, so that the request can
-- be repeated.
delete from api_answers where scope = @user_id and key = @key and holder = @holder and status = 0;

-- name: SweepAnswers :execrows
delete from api_answers where ctid = any(array(select o.ctid from api_answers o where o.created_at < @before::timestamptz order by o.created_at limit @max for update skip locked));

-- name: DropWaitingFiles :exec
-- DropWaitingFiles removes the files of an earlier request with the key that failed; the
-- request that has the key now sends its own.
delete from attachments where user_id = @user_id and submission_id = @submission_id and ticket_id is null;

-- name: MoveNewFiles :exec
-- MoveNewFiles moves the files of a request to its key, except those that it sent the first
-- time.
update attachments a set submission_id = @new_id
where a.user_id = @user_id and a.submission_id = @old_id and a.ticket_id is null
  and not exists (select from attachments b where b.user_id = a.user_id and b.submission_id = @new_id and b.filename = a.filename and b.sha256 = a.sha256);
