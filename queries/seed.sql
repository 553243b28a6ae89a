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
