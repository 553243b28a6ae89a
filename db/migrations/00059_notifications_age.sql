-- +goose Up
-- Expired notifications are found by their age, and not by looking for the oldest one of each user. The index
-- costs 1 µs for each notification that is written.
create index notifications_age_idx on notifications (created_at);

-- +goose Down
drop index notifications_age_idx;
