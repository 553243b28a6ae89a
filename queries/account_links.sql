-- name: AddPasswordRequest :exec
insert into password_requests (email, created_at) values (@email, @now);

-- name: TakePasswordRequests :many
-- TakePasswordRequests removes requests and returns them, the oldest first.
delete from password_requests where id in (select r.id from password_requests r order by r.id limit @max for update skip locked)
returning id, email, created_at;

-- name: PutAccountLink :exec
-- PutAccountLink stores a link of an account. It replaces an earlier one of the same use, except
-- links that undo a change.
insert into account_links (use, user_id, email, token_hash, session_ver, created_at, expires_at)
select @use, u.id, @email, @token_hash, u.session_ver, @now, @expires_at from users u where u.id = @user_id
on conflict (user_id, use) where use <> 'undo' do update
set email = excluded.email, token_hash = excluded.token_hash, session_ver = excluded.session_ver, created_at = excluded.created_at,
    expires_at = excluded.expires_at, used_at = null;

-- name: FindAccountLink :one
-- FindAccountLink returns a link that has not expired, also a used one, with its account. The
-- links of disabled accounts are not found.
select l.id, l.use, l.email, l.used_at, (l.session_ver = u.session_ver)::boolean as same_version,
    u.id as user_id, u.username, u.email as user_email, u.password_hash, u.role, u.custom_role, u.permissions, u.session_ver
from account_links l join users u on u.id = l.user_id and u.disabled_at is null
where l.token_hash = @token_hash and l.expires_at > @now::timestamptz;

-- name: UseAccountLink :execrows
-- UseAccountLink marks a link as used. It changes no row if another request was faster.
update account_links set used_at = @now::timestamptz where id = @id and used_at is null;

-- name: PendingAddress :one
-- PendingAddress returns the address that a user wants to have and has not confirmed yet.
select l.email from account_links l join users u on u.id = l.user_id
where l.user_id = @user_id and l.use = 'address' and l.used_at is null and l.expires_at > @now::timestamptz and l.session_ver = u.session_ver;

-- name: RemoveAccountLinks :exec
-- RemoveAccountLinks removes the links of a user of one use.
delete from account_links where user_id = @user_id and use = @use;

-- name: RemoveOtherAccountLinks :exec
-- RemoveOtherAccountLinks removes the links of a user except one.
delete from account_links where user_id = @user_id and id <> @id;

-- name: IsAddressReserved :one
-- IsAddressReserved reports whether the former owner of an address may still undo its change.
select exists (select from account_links l where l.use = 'undo' and lower(l.email) = lower(@email) and l.used_at is null
    and l.expires_at > @now::timestamptz and l.user_id <> @user_id)::boolean;

-- name: ChooseNewPassword :one
-- ChooseNewPassword replaces the password of an account after its owner has used a mailed link,
-- which also confirms the address, and ends every session. It returns no rows if the account was
-- disabled, or its sessions were ended, after the version.
update users set password_hash = @password_hash, must_change_password = false, session_ver = session_ver + 1,
    email_verified_at = coalesce(email_verified_at, @now::timestamptz), updated_at = now()
where id = @id and session_ver = @version and disabled_at is null returning session_ver;

-- name: ConfirmAddress :execrows
-- ConfirmAddress stores that the owner of an account gets mail at its address.
update users set email_verified_at = coalesce(email_verified_at, @now::timestamptz), updated_at = now() where id = @id and email = @email;

-- name: ReplaceAddress :exec
-- ReplaceAddress gives an account another address, which its owner has confirmed.
update users set email = @email, email_key = @email_key::text, email_twin = false, email_verified_at = @now::timestamptz, updated_at = now() where id = @id;

-- name: RestoreAddress :exec
-- RestoreAddress gives an account its former address again. The password is removed and the
-- sessions end, because the user who made the change knew the password.
update users set email = @email, email_key = @email_key::text, email_twin = email_twin and email = @email, email_verified_at = @now::timestamptz,
    password_hash = '', session_ver = session_ver + 1, updated_at = now()
where id = @id;

-- name: GetAddress :one
-- GetAddress returns the address of an account, and whether its owner has confirmed it.
select u.email, u.username, (u.email_verified_at is not null)::boolean as confirmed from users u where u.id = @id;

-- name: SweepAccountLinks :execrows
delete from account_links where ctid = any(array(select o.ctid from account_links o where o.expires_at < @before order by o.expires_at limit @max for update skip locked));
