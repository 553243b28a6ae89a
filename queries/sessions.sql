-- name: FindSessions :many
-- FindSessions returns sessions and their accounts, each with its position in the list of
-- hashes, from 1 on. Spaces separate the hashes: a statement with an array would be planned again
-- for each call. The columns of the account are null if it is disabled or has another session
-- version. Unread notifications are counted up to max_unread.
select h.n::int as position, x.*
from string_to_table(@token_hashes::text, ' ') with ordinality h (token_hash, n)
cross join lateral (
    select s.data, s.expires_at, s.seen_at, u.id as user_id, u.username, u.email, u.role, u.custom_role, u.permissions, u.must_change_password, u.shortcuts_off, u.away_until, (u.id is not null and u.email_verified_at is null)::boolean as unconfirmed, actor_teams(u.id, u.role, u.permissions)::bigint[] as teams,
           (case when exists (select from notifications n where n.user_id = u.id and n.read_at is null) then unread_notifications(u.id, @max_unread::int) else 0 end)::int as unread
    from sessions s
    left join users u on u.id = s.user_id and u.disabled_at is null and u.session_ver = (s.data ->> 'session_ver')::int
    where s.token_hash = h.token_hash and s.revoked_at is null and s.expires_at > @now::timestamptz and s.seen_at > @idle_since::timestamptz
    limit 1
) x;

-- name: SaveSession :exec
-- SaveSession stores a session. A revoked session stays revoked, even if a late request
-- saves it.
insert into sessions (token_hash, data, seen_at, expires_at) values (@token_hash, @data, @now, @expires_at)
on conflict (token_hash) do update set data = excluded.data, seen_at = excluded.seen_at, expires_at = excluded.expires_at
where sessions.revoked_at is null;

-- name: TouchSession :exec
update sessions set seen_at = @now where token_hash = @token_hash and revoked_at is null;

-- name: RevokeSession :exec
update sessions set revoked_at = @now where token_hash = @token_hash and revoked_at is null;

-- name: RevokeUserSession :execrows
update sessions set revoked_at = @now
where user_id = @user_id::bigint and revoked_at is null and encode(sha256(convert_to(token_hash, 'UTF8')), 'hex') = @handle::text;

-- name: ListSessions :many
-- ListSessions returns the sessions of a user. The handle identifies a session but cannot be
-- used to open it.
select encode(sha256(convert_to(token_hash, 'UTF8')), 'hex') as handle, token_hash, coalesce(data ->> 'agent', '')::text as agent, seen_at
from sessions
where user_id = @user_id::bigint and revoked_at is null and expires_at > @now::timestamptz and seen_at > @idle_since::timestamptz
  and (data ->> 'session_ver')::int = @session_ver::int
order by seen_at desc limit 50;

-- name: EndedSession :one
-- EndedSession returns the user of a session that ended within the last day.
select u.id from sessions s join users u on u.id = s.user_id
where s.token_hash = @token_hash and u.disabled_at is null
  and (s.revoked_at > @ended_after::timestamptz or s.revoked_at is null and s.expires_at > @ended_after::timestamptz and s.seen_at > @seen_after::timestamptz);

-- name: SweepSessions :execrows
delete from sessions where ctid = any(array(select o.ctid from sessions o where o.expires_at < @before::timestamptz or o.revoked_at < @before::timestamptz or (o.user_id is null and o.seen_at < @before::timestamptz) limit @max for update skip locked));

-- name: TouchUser :exec
update users set seen_at = @now::timestamptz where id = @id and (seen_at is null or seen_at < @stale::timestamptz or seen_at > @now::timestamptz);
