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

-- name: SwitchShortcuts :exec
update users set shortcuts_off = @off, updated_at = now() where id = @id and shortcuts_off <> @off;

-- name: LockAccounts :exec
-- LockAccounts lets one transaction at a time look for an admin and then change a role.
select pg_advisory_xact_lock(7001);

-- name: CountManagers :one
-- CountManagers counts the enabled accounts that have a permission, by one of the built-in roles or
-- by a role that admins have made, without one of them (0 for none).
select count(*) from users u
where u.disabled_at is null and u.id <> @without and works_as_staff(u.role)
  and case when u.custom_role is null then u.role::text = any (@roles::text[]) else u.permissions & @permission::int <> 0 end;

-- name: CreateUser :one
insert into users (username, email, email_key, password_hash, role, custom_role, must_change_password)
values (@username, @email, nullif(@email_key::text, ''), @password_hash, @role, sqlc.narg('custom_role'), @must_change_password)
returning id;

-- name: EveryAccount :many
-- EveryAccount returns all accounts, for the operator's command line.
select email, username, role, custom_role, disabled_at, email_twin from users order by role desc, lower(email);
