-- name: BearerByVersion :one
-- BearerByVersion returns the account of a signed token if the account still has the version
-- with which the token was signed, and whether the use of the token has to be recorded.
select u.id, u.username, u.email, u.role, u.custom_role, u.permissions, u.must_change_password, actor_teams(u.id, u.role, u.permissions)::bigint[] as teams,
       (u.seen_at is null or u.seen_at < @stale::timestamptz or u.seen_at > @now::timestamptz)::boolean as note
from users u
where u.id = @id and u.session_ver = @session_ver and u.disabled_at is null;

-- name: BearerByToken :one
-- BearerByToken returns the account of a personal token, and whether its use has to be
-- recorded.
select u.id, u.username, u.email, u.role, u.custom_role, u.permissions, u.must_change_password, actor_teams(u.id, u.role, u.permissions)::bigint[] as teams, k.id as token_id,
       (k.last_used_at is null or k.last_used_at < @stale::timestamptz or k.last_used_at > @now::timestamptz)::boolean as note
from api_tokens k
join users u on u.id = k.user_id
where k.token_hash = @token_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > @now::timestamptz)
  and u.disabled_at is null;

-- name: NoteTokenUse :exec
-- NoteTokenUse records the use of a token and that its owner was seen.
with used as (update api_tokens k set last_used_at = @now::timestamptz where k.id = @id returning k.user_id)
update users u set seen_at = @now::timestamptz from used where u.id = used.user_id;

-- name: CreateAPIToken :one
-- CreateAPIToken returns no rows if the account has the maximum number of tokens. The
-- transaction holds the account's lock (HoldRightAlone), so that no other adds one after the
-- count.
insert into api_tokens (user_id, name, token_hash, created_at, expires_at)
select @user_id, @name, @token_hash, @now::timestamptz, sqlc.narg('expires_at')::timestamptz
where (select count(*) from api_tokens k where k.user_id = @user_id and k.revoked_at is null) < @most::int
returning id;

-- name: ListAPITokens :many
select id, name, created_at, expires_at, last_used_at from api_tokens
where user_id = @user_id and revoked_at is null order by id desc;

-- name: RevokeAPIToken :execrows
update api_tokens set revoked_at = @now::timestamptz where id = @id and user_id = @user_id and revoked_at is null;

-- name: EndAPITokens :exec
-- EndAPITokens must be a statement of its own after the one that ended the sessions: that
-- one has waited for every token that was being created.
update api_tokens set revoked_at = @now::timestamptz where user_id = @user_id and revoked_at is null;

-- name: CreateSocketTicket :exec
insert into ws_tickets (ticket_hash, user_id, session_ver, api_token, token_expires_at, expires_at)
values (@ticket_hash, @user_id, @session_ver, @api_token, @token_expires_at, @expires_at);

-- name: TakeSocketTicket :one
-- TakeSocketTicket uses up a ticket; a second request finds none. A ticket that expires
-- later than any new one would was made by a clock that was wrong.
delete from ws_tickets where ticket_hash = @ticket_hash and expires_at > @now::timestamptz and expires_at <= @latest::timestamptz returning user_id, session_ver, api_token, token_expires_at;

-- name: SweepSocketTickets :execrows
delete from ws_tickets where ctid = any(array(select o.ctid from ws_tickets o where o.expires_at < @before::timestamptz or o.expires_at > @latest::timestamptz limit @max for update skip locked));

-- name: LinkRight :one
-- LinkRight returns what the validity of a link to a file depends on: the account's session
-- version, and the personal token that made the link, 0 for none.
select u.session_ver, coalesce((select k.id from api_tokens k where k.token_hash = @token::bytea), 0)::bigint as token_id
from users u where u.id = @user_id;

-- name: LinkMaker :one
-- LinkMaker returns the user who made a link, if the right with which it was made is still
-- valid.
select u.id, u.username, u.email, u.role, u.custom_role, u.permissions, k.token_hash
from users u left join api_tokens k on k.id = @token_id and k.user_id = u.id and k.revoked_at is null and (k.expires_at is null or k.expires_at > @now::timestamptz)
where u.id = @user_id and u.disabled_at is null and not u.must_change_password and u.session_ver = @session_ver
  and (@token_id::bigint = 0 or k.id is not null);
