-- +goose Up
-- Invitations of staff: links that are valid once.
create table invitations (
    id          bigint      generated always as identity primary key,
    email       text        not null constraint invitations_email_length check (char_length(email) between 3 and 254),
    -- The key by which addresses are compared, see internal/input/identifier.go.
    email_key   text        not null,
    role        user_role   not null,
    custom_role text        references roles on update cascade on delete cascade, -- see users
    token_hash  bytea       not null constraint invitations_token_key unique, -- SHA-256
    invited_by  bigint      not null references users,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    accepted_by bigint      references users,
    revoked_at  timestamptz
);
-- An address has one open invitation. A new link replaces the old one.
create unique index invitations_open_key on invitations (email_key) where accepted_at is null and revoked_at is null;
create index invitations_custom_role_idx on invitations (custom_role) where custom_role is not null;

-- +goose Down
drop table invitations;
