-- +goose Up
-- Notes are comments that only staff see. The value is first used in the next migration,
-- because a transaction cannot use a value that it adds.
alter type event_kind add value if not exists 'note';

-- +goose Down
-- PostgreSQL cannot remove a value of an enum. Without events that have it, it does no harm.
delete from ticket_events where kind::text = 'note';
