-- +goose Up
-- Answers may contain credentials, and requests passwords. From now on both are encrypted with
-- a key that is not in the database, so they are also stored for requests without an account
-- (register and sign in; scope 0). Existing answers are not encrypted, and are deleted. They
-- would expire within a day, and repeated tickets and comments have their own keys.
delete from api_answers;
alter table api_answers
    drop constraint api_answers_pkey,
    alter column user_id drop not null,
    add column scope bigint not null generated always as (coalesce(user_id, 0)) stored,
    add column seal bytea not null default '',
    add primary key (scope, key);
-- For the cascade. Not unique, because only one unique index can decide which request was first.
create index api_answers_user_idx on api_answers (user_id);

-- +goose Down
delete from api_answers;
drop index api_answers_user_idx;
alter table api_answers
    drop constraint api_answers_pkey,
    drop column scope,
    drop column seal,
    alter column user_id set not null,
    add primary key (user_id, key);
