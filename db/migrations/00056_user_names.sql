-- +goose Up
-- The index of 00054 is not used any more: a note compares only the names of staff and of the requester.
drop index users_name_idx;

-- +goose Down
create index users_name_idx on users (lower(username));
