-- name: GetUserByEmail :one
-- The account with the address: a twin by its own spelling, others by any that
-- has the key.
select id, username, email, password_hash, role, session_ver, must_change_password, disabled_at from users
where coalesce(email_key, lower(email collate "C")) = @key::text and not email_twin or lower(email) = lower(@email)
order by lower(email) = lower(@email) desc, email_twin limit 1;

-- name: GetUserByID :one
select id, username, email, password_hash, role, session_ver, must_change_password, disabled_at from users where id = @id;

-- name: UpdateProfile :exec
-- A twin whose address stays the same keeps its spelling.
update users set username = @username, email = case when email_twin and @same_email::boolean then email else @email end,
    email_key = @email_key::text, email_twin = email_twin and @same_email::boolean, updated_at = now()
where id = @id;

-- name: UpdatePassword :one
-- Ends every session of the account but those made from the returned version on.
-- No rows where the password is not the one that was confirmed any more.
update users set password_hash = @password_hash, must_change_password = false, session_ver = session_ver + 1, updated_at = now()
where id = @id and password_hash = @confirmed returning session_ver;

-- name: RehashPassword :exec
-- The same password under newer parameters, unless there is a new one; sessions stay.
update users set password_hash = @password_hash where id = @id and password_hash = @outdated;

-- name: RequireNewPassword :exec
update users set must_change_password = true where id = @id;

-- name: EndSessions :one
update users set session_ver = session_ver + 1, updated_at = now() where id = @id returning session_ver;

-- name: EndOtherSessions :one
-- No rows where the session that asks has ended meanwhile: what was late must
-- not get the new version, and with it a session that lasts.
update users u set session_ver = u.session_ver + 1, updated_at = now()
where u.id = @id and exists (select from sessions s where s.token_hash = @token_hash and s.user_id = u.id
    and s.revoked_at is null and (s.data ->> 'session_ver')::int = u.session_ver)
returning u.session_ver;

-- name: KeepForm :execrows
-- Of twenty pages at most: an ended session must not fill the disk. The transaction
-- holds the account alone (HoldRightAlone), so that no other adds one after the count.
insert into kept_forms (user_id, page, fields, created_at)
select @user_id, @page, @fields, @now
where (select count(*) from kept_forms k where k.user_id = @user_id and k.page <> @page) < 20
on conflict (user_id, page) do update set fields = excluded.fields, created_at = excluded.created_at;

-- name: TakeForm :one
delete from kept_forms where user_id = @user_id and page = @page and created_at > @since returning fields;

-- name: SweepForms :execrows
delete from kept_forms where created_at < @before;

-- name: TakeRate :one
-- The generic cell rate algorithm: the stored time is when the next one would
-- be due if all came evenly. Returns how long to wait, 0 where it may pass; a
-- refused one is not counted. A stored time later than any that the limit can
-- store, by more than clocks differ, is of a clock that was put right: that one
-- passes, and the limit counts as used up.
with now as (select @now::timestamptz as t),
kept as (
    insert into rate_limits as r (key, allowed_at)
    select @key, t + make_interval(secs => @every::float8) from now
    on conflict (key) do update
    set allowed_at = least(greatest(r.allowed_at, (select t from now)) + make_interval(secs => @every::float8), (select t from now) + make_interval(secs => @burst::float8))
    where greatest(r.allowed_at, (select t from now)) + make_interval(secs => @every::float8) <= (select t from now) + make_interval(secs => @burst::float8)
       or r.allowed_at > (select t from now) + make_interval(secs => @burst::float8) + interval '1 minute'
    returning 1
)
select (case when exists (select from kept) then 0
       else greatest(0.001, extract(epoch from (select allowed_at from rate_limits l where l.key = @key) + make_interval(secs => @every::float8)
                    - (select t from now) - make_interval(secs => @burst::float8))) end)::float8 as wait;

-- name: GiveRateBack :exec
update rate_limits set allowed_at = allowed_at - make_interval(secs => @every::float8) where key = @key;

-- name: CountLazily :exec
-- The transaction does not wait for the disk: a crash of the server loses what
-- was counted within its last second.
select set_config('synchronous_commit', 'off', true);

-- name: SweepRates :execrows
delete from rate_limits where allowed_at < @before;

-- name: KeptPages :many
-- Pages for which a form of this user is kept.
select page from kept_forms where user_id = @user_id and created_at > @since order by created_at desc limit 20;
