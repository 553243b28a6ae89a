-- +goose Up
-- The charset of a text file whose bytes were all checked; '' if they were not, or if the
-- charset is unknown. The type of older files says UTF-8 because of their first 512 bytes
-- only, so their charset is no longer sent.
alter table attachments add column charset text not null default '';

-- The staged files of a user, whose number is limited.
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
