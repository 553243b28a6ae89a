-- +goose Up
-- Personal API tokens. Only their hashes are stored.
create table api_tokens (
    id           bigint generated always as identity primary key,
    user_id      bigint      not null references users on delete cascade,
    name         text        not null constraint api_tokens_name_length check (char_length(name) between 1 and 100),
    token_hash   bytea       not null constraint api_tokens_hash_key unique,
    created_at   timestamptz not null,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index api_tokens_user_idx on api_tokens (user_id, id) where revoked_at is null;

-- The answer to a request with an Idempotency-Key, for a day. While status is 0, the first
-- request is still running.
create table api_answers (
    user_id      bigint      not null references users on delete cascade,
    key          text        not null,
    request_hash bytea       not null,
    status       int         not null default 0,
    body         bytea       not null default '',
    location     text        not null default '',
    created_at   timestamptz not null,
    primary key (user_id, key)
);
create index api_answers_age_idx on api_answers (created_at);

-- A ticket that opens one socket, once, within 30 seconds, for browsers, which cannot send a
-- token with the handshake. It represents the credential that it was created with.
create table ws_tickets (
    ticket_hash bytea       primary key,
    user_id     bigint      not null references users on delete cascade,
    session_ver int         not null,
    api_token   bytea,
    expires_at  timestamptz not null
);

-- +goose Down
drop table ws_tickets, api_answers, api_tokens;
