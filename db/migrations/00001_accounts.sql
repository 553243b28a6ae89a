-- +goose Up
create extension if not exists pg_trgm;

create type user_role as enum ('customer', 'admin');

create table users (
    id                   bigint generated always as identity primary key,
    username             text        not null constraint users_username_length check (char_length(username) between 1 and 100),
    email                text        not null constraint users_email_length check (char_length(email) between 3 and 254),
    password_hash        text        not null,
    role                 user_role   not null default 'customer',
    -- The version that a session was created with. A new version ends the session.
    session_ver          int         not null default 1,
    must_change_password boolean     not null default false,
    disabled_at          timestamptz,
    seen_at              timestamptz,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));
create index users_trgm on users using gin ((lower(username || ' ' || email)) gin_trgm_ops);
-- The order of the list of users: staff first, then the newest.
create index users_role_idx on users (role desc, id desc);
create index users_disabled_idx on users (role desc, id desc) where disabled_at is not null;

-- Sessions are marked as revoked and not deleted, so that a running request cannot
-- restore one by saving it.
create table sessions (
    token_hash text        primary key,
    data       jsonb       not null,
    user_id    bigint      generated always as ((data ->> 'user_id')::bigint) stored references users on delete cascade,
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index sessions_user_idx on sessions (user_id, seen_at desc) where revoked_at is null;
create index sessions_expiry_idx on sessions (expires_at);

-- The text of forms that were sent after their session had ended, for that user only.
create table kept_forms (
    user_id    bigint      not null references users on delete cascade,
    page       text        not null,
    fields     jsonb       not null,
    created_at timestamptz not null default now(),
    primary key (user_id, page)
);

-- One row per rate-limited key; allowed_at is the theoretical arrival time of GCRA.
create table rate_limits (
    key        text        primary key,
    allowed_at timestamptz not null
);

-- +goose Down
drop table rate_limits, kept_forms, sessions, users;
drop type user_role;
