-- name: AddRegistration :exec
insert into registrations (username, email, password_hash, next, token_hash, created_at, expires_at)
values (@username, @email, @password_hash, @next, @token_hash, @now, @expires_at);

-- name: FindRegistration :one
-- FindRegistration returns a registration that has not expired, also a used one.
select id, username, email, password_hash, next, used_at, coalesce(user_id, 0)::bigint as user_id from registrations
where token_hash = @token_hash and expires_at > @now::timestamptz;

-- name: UseRegistration :execrows
-- UseRegistration marks a registration as used. It changes no row if another request was faster.
update registrations set used_at = @now::timestamptz where id = @id and used_at is null;

-- name: EndRegistrations :exec
-- EndRegistrations stores the account of a registration, and removes others of the same address.
with others as (delete from registrations r where lower(r.email) = lower(@email) and r.id <> @id)
update registrations set user_id = @user_id::bigint where registrations.id = @id;

-- name: SweepRegistrations :execrows
delete from registrations where ctid = any(array(select o.ctid from registrations o where o.expires_at < @before order by o.expires_at limit @max for update skip locked));
