-- +goose Up
-- Each transaction that depends on a right checks it again. A writer holds a shared lock on
-- the account until its commit, and a statement that ends a right takes an exclusive lock. So
-- a write commits before the right ends, or it is refused.
-- The locks are advisory: they create no row version, and a waiting exclusive lock precedes
-- later shared ones, so writes cannot delay it for long.

-- right_key is the advisory lock of an account. 7003 distinguishes it from other locks.
-- +goose StatementBegin
create function right_key(holder bigint) returns bigint
language sql immutable parallel safe as $$ select (7003::bigint << 40) | holder $$;
-- +goose StatementEnd

-- right_holds locks the account for this transaction, and reports whether it is
-- open, has the role, and still has the session or token that the request came
-- with: session is the hash of a session's token, '' for none; token that of a
-- personal API token, null for none; version the session version of a signed
-- token, 0 for none. With skip_locked it is false, and does not wait, while
-- another transaction ends a right of the account.
-- +goose StatementBegin
create function right_holds(holder bigint, as_role text, version int, session text, token bytea, at timestamptz, skip_locked boolean) returns boolean
language plpgsql volatile cost 1000 as $$
begin
    if skip_locked then
        if not pg_try_advisory_xact_lock_shared(right_key(holder)) then
            return false;
        end if;
    else
        perform pg_advisory_xact_lock_shared(right_key(holder));
    end if;
    -- A volatile function sees what was committed while it waited.
    return exists (
        select from users u
        where u.id = holder and u.disabled_at is null and u.role::text = as_role
          and (version = 0 or u.session_ver = version)
          and (session = '' or exists (
              select from sessions s
              where s.token_hash = session and s.user_id = holder and s.revoked_at is null and s.expires_at > at
                and (s.data ->> 'session_ver')::int = u.session_ver))
          and (token is null or exists (
              select from api_tokens k
              where k.token_hash = token and k.user_id = holder and k.revoked_at is null and (k.expires_at is null or k.expires_at > at))));
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function users_right_ends() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(old.id));
    return new;
end
$$;
-- +goose StatementEnd

create trigger users_right_ends before update of role, disabled_at, session_ver on users
    for each row when ((old.role, old.disabled_at, old.session_ver) is distinct from (new.role, new.disabled_at, new.session_ver))
    execute function users_right_ends();

-- +goose StatementBegin
create function owned_right_ends() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(right_key(old.user_id));
    return new;
end
$$;
-- +goose StatementEnd

create trigger sessions_right_ends before update of revoked_at on sessions
    for each row when (old.revoked_at is null and new.revoked_at is not null and old.user_id is not null)
    execute function owned_right_ends();

create trigger api_tokens_right_ends before update of revoked_at on api_tokens
    for each row when (old.revoked_at is null and new.revoked_at is not null)
    execute function owned_right_ends();

-- +goose Down
drop trigger api_tokens_right_ends on api_tokens;
drop trigger sessions_right_ends on sessions;
drop trigger users_right_ends on users;
drop function owned_right_ends, users_right_ends, right_holds, right_key;
