-- +goose Up
-- Answers may hold what opens something, and requests passwords: what is kept of
-- both is from now on sealed under a key that the database does not have, and so
-- it is kept for those who are nobody yet, too (register and sign in; scope 0).
-- What is there is not sealed. It would live for a day at most, and a ticket or
-- comment sent again is known by its own key besides.
delete from api_answers;
alter table api_answers
    drop constraint api_answers_pkey,
    alter column user_id drop not null,
    add column scope bigint not null generated always as (coalesce(user_id, 0)) stored,
    add column seal bytea not null default '',
    add primary key (scope, key);
-- For the cascade. Not unique: only one unique index can settle who was first.
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
