-- +goose Up
-- A note may mention users by their whole name. Whether anyone has a name must not read all users.
create index users_name_idx on users (lower(username));

-- +goose Down
drop index users_name_idx;
