-- name: LockAccounts :exec
-- LockAccounts lets one transaction at a time look for an admin and then change a role.
select pg_advisory_xact_lock(7001);

-- name: CountAdmins :one
select count(*) from users where role = 'admin' and disabled_at is null;

-- name: CreateUser :one
insert into users (username, email, email_key, password_hash, role, must_change_password)
values (@username, @email, nullif(@email_key::text, ''), @password_hash, @role, @must_change_password)
returning id;

-- name: EveryAccount :many
-- EveryAccount returns all accounts, for the operator's command line.
select email, username, role, disabled_at, email_twin from users order by role desc, lower(email);
