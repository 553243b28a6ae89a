-- +goose Up
-- The team that takes the active tickets of a retired one, null for none, and the user who
-- retired it. Tickets move in batches, and the sweep moves what is left after a crash.
alter table teams
    add column successor_id bigint references teams,
    add column retired_by   bigint references users;

-- +goose Down
alter table teams drop column retired_by, drop column successor_id;
