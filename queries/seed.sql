-- name: LockAccounts :exec
-- One at a time may look for an admin and then make or unmake one.
select pg_advisory_xact_lock(7001);

-- name: CountAdmins :one
select count(*) from users where role = 'admin' and disabled_at is null;

-- name: CreateUser :one
insert into users (username, email, password_hash, role, must_change_password)
values (@username, @email, @password_hash, @role, @must_change_password)
returning id;

-- name: SetRoleByEmail :execrows
update users set role = @role, session_ver = session_ver + 1, updated_at = now() where lower(email) = lower(@email);

-- name: SetPasswordByEmail :execrows
update users set password_hash = @password_hash, must_change_password = true, session_ver = session_ver + 1, updated_at = now()
where lower(email) = lower(@email);

-- name: EveryAccount :many
-- For whoever runs the program.
select email, username, role, disabled_at from users order by role desc, lower(email);
