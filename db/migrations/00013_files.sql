-- +goose Up
-- The charset of a text file of which every byte was checked; '' if it was not, or
-- if the file is in none that is known. The type of older files names UTF-8 by
-- their first 512 bytes alone, so that it is not sent with them any more.
alter table attachments add column charset text not null default '';

-- The staged files of one person, which are limited in number.
create index attachments_staged_user_idx on attachments (user_id) where ticket_id is null;

-- While a request is under way, its process holds the key for a few seconds at a
-- time. holder distinguishes a request that lost the key from the one that took it
-- over. held_until is null in rows of older versions, which hold for a minute.
alter table api_answers
    add column held_until timestamptz,
    add column holder text not null default '';

-- +goose Down
alter table api_answers drop column held_until, drop column holder;
drop index attachments_staged_user_idx;
alter table attachments drop column charset;
