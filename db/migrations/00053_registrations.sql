-- +goose Up
-- Accounts that visitors want to create on a desk that sends mail. An account is created when the
-- link that was mailed to its address is used, so that the page of registration says the same whether
-- the address has an account or not. See docs/mail.md.
create table registrations (
    id            bigint      generated always as identity primary key,
    username      text        not null,
    email         text        not null,
    password_hash text        not null,
    next          text        not null, -- the page to show afterwards, or ''
    token_hash    bytea       not null constraint registrations_token_key unique,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    used_at       timestamptz,
    user_id       bigint      references users on delete cascade -- of the account that was created
);
create index registrations_email_idx on registrations (lower(email));
create index registrations_expiry_idx on registrations (expires_at);
create index registrations_user_idx on registrations (user_id) where user_id is not null;

-- +goose Down
drop table registrations;
