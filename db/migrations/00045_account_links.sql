-- +goose Up
-- Links that are mailed to the address of an account, and requests for such links. See
-- docs/mail.md.
create type account_link_use as enum ('password', 'verify', 'address', 'undo');

create table account_links (
    id          bigint           generated always as identity primary key,
    use         account_link_use not null,
    user_id     bigint           not null references users on delete cascade,
    email       text             not null, -- to which the link is mailed
    token_hash  bytea            not null constraint account_links_token_key unique,
    session_ver int              not null, -- of the account when the link was made
    created_at  timestamptz      not null,
    expires_at  timestamptz      not null,
    used_at     timestamptz
);
-- Only the newest link of each use is valid. Of undo links, each former address has its own.
create unique index account_links_newest_key on account_links (user_id, use) where use <> 'undo';
create index account_links_user_idx on account_links (user_id, use);
create index account_links_expiry_idx on account_links (expires_at);
create index account_links_undo_idx on account_links (lower(email)) where use = 'undo';

-- A request for a link to choose a new password. It is stored whether the address has an account
-- or not, and handled after the answer, so that the time of the answer does not reveal which.
create table password_requests (
    id         bigint      generated always as identity primary key,
    email      text        not null,
    created_at timestamptz not null
);

-- +goose Down
drop table password_requests, account_links;
drop type account_link_use;
