-- name: GetUserByEmail :one
-- GetUserByEmail returns the account with an address. A duplicate is found by its exact spelling,
-- any other account by every spelling with the same key.
select id, username, email, password_hash, role, custom_role, permissions, session_ver, must_change_password, disabled_at from users
where coalesce(email_key, lower(email collate "C")) = @key::text and not email_twin or lower(email) = lower(@email)
order by lower(email) = lower(@email) desc, email_twin limit 1;

-- name: GetUserByID :one
select id, username, email, password_hash, role, custom_role, permissions, session_ver, must_change_password, disabled_at from users where id = @id;

-- name: UpdateProfile :exec
-- UpdateProfile changes the name and the address of an account. A duplicate whose address does
-- not change keeps its spelling. Another address is not confirmed.
update users set username = @username, email = case when email_twin and @same_email::boolean then email else @email end,
    email_key = @email_key::text, email_twin = email_twin and @same_email::boolean,
    email_verified_at = case when @same_email::boolean then email_verified_at end, updated_at = now()
where id = @id;

-- name: UpdatePassword :one
-- UpdatePassword replaces the password and ends every session of the account except those
-- made from the returned version on. It returns no rows if the password is no longer the one
-- that was confirmed.
update users set password_hash = @password_hash, must_change_password = false, session_ver = session_ver + 1, updated_at = now()
where id = @id and password_hash = @confirmed returning session_ver;

-- name: RehashPassword :exec
-- RehashPassword stores the same password with newer parameters, unless the password has
-- changed. Sessions are not ended.
update users set password_hash = @password_hash where id = @id and password_hash = @outdated;

-- name: RequireNewPassword :exec
update users set must_change_password = true where id = @id;

-- name: EndSessions :one
update users set session_ver = session_ver + 1, updated_at = now() where id = @id returning session_ver;

-- name: EndOtherSessions :one
-- EndOtherSessions returns no rows if the session of the request has ended meanwhile.
-- Otherwise a late request would get the new version, and with it a valid session.
update users u set session_ver = u.session_ver + 1, updated_at = now()
where u.id = @id and exists (select from sessions s where s.token_hash = @token_hash and s.user_id = u.id
    and s.revoked_at is null and (s.data ->> 'session_ver')::int = u.session_ver)
returning u.session_ver;

-- name: KeepForm :execrows
-- KeepForm stores the input of a form for at most twenty pages of a user, so that ended
-- sessions cannot fill the disk. The transaction holds the account's lock (HoldRightAlone),
-- so that no other adds one after the count.
insert into kept_forms (user_id, page, fields, created_at)
select @user_id, @page, @fields, @now
where (select count(*) from kept_forms k where k.user_id = @user_id and k.page <> @page) < 20
on conflict (user_id, page) do update set fields = excluded.fields, created_at = excluded.created_at;

-- name: TakeForm :one
delete from kept_forms where user_id = @user_id and page = @page and created_at > @since returning fields;

-- name: SweepForms :execrows
delete from kept_forms where ctid = any(array(select o.ctid from kept_forms o where o.created_at < @before limit @max for update skip locked));

-- name: TakeRate :one
-- TakeRate implements the generic cell rate algorithm: the stored time is when the next
-- request would be due if all came at equal intervals. It returns how many seconds to wait,
-- 0 if the request is allowed. A refused request is not counted. A stored time further in
-- the future than the limit allows, plus a tolerance between clocks, comes from a clock that
-- was wrong: the request is allowed, and the limit counts as used up.
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
-- CountLazily makes the commit of the transaction not wait for the disk. A crash of the
-- server loses what was counted in the last second.
select set_config('synchronous_commit', 'off', true);

-- name: SweepRates :execrows
delete from rate_limits where ctid = any(array(select o.ctid from rate_limits o where o.allowed_at < @before limit @max for update skip locked));

-- name: KeptPages :many
-- KeptPages returns the pages for which a form of the user is stored.
select page from kept_forms where user_id = @user_id and created_at > @since order by created_at desc limit 20;

-- name: SwitchShortcuts :exec
update users set shortcuts_off = @off, updated_at = now() where id = @id and shortcuts_off <> @off;
