-- name: BeginAnswer :one
-- Takes the key for the one request that may act on it; no rows where another has it.
-- One that began and never ended, as its process died, gives way after a minute; so
-- does an answer under a seal that nobody has any more. User 0 is nobody.
insert into api_answers as a (user_id, key, seal, request_hash, created_at)
values (nullif(@user_id::bigint, 0), @key, @seal, @request_hash, @now::timestamptz)
on conflict (scope, key) do update set seal = excluded.seal, request_hash = excluded.request_hash, status = 0, body = '', location = '', created_at = excluded.created_at
where a.created_at < @expired::timestamptz or a.status = 0 and a.created_at < @abandoned::timestamptz
   or a.status <> 0 and a.seal <> all(@seals::bytea[])
returning scope;

-- name: GetAnswer :one
select seal, request_hash, status, body, location from api_answers where scope = @user_id and key = @key;

-- name: KeepAnswer :exec
-- Nothing where the request took so long that its key was given up.
update api_answers set status = @status, body = @body, location = @location
where scope = @user_id and key = @key and request_hash = @request_hash and status = 0;

-- name: DropAnswer :exec
-- What failed on our side may be tried again.
delete from api_answers where scope = @user_id and key = @key and request_hash = @request_hash and status = 0;

-- name: SweepAnswers :execrows
delete from api_answers where created_at < @before::timestamptz;

-- name: DropWaitingFiles :exec
-- Files of a request that failed before: the one that has the key now brings its own.
delete from attachments where user_id = @user_id and submission_id = @submission_id and ticket_id is null;

-- name: MoveNewFiles :exec
-- Files of a request go under its key, but for those that it brought the first time.
update attachments a set submission_id = @new_id
where a.user_id = @user_id and a.submission_id = @old_id and a.ticket_id is null
  and not exists (select from attachments b where b.user_id = a.user_id and b.submission_id = @new_id and b.filename = a.filename and b.sha256 = a.sha256);
