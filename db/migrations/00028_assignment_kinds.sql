-- +goose Up
-- Entries of the log about who works on a ticket. The values are first used in a later
-- migration, because a transaction cannot use a value that it adds.
alter type event_kind add value if not exists 'assignment';
alter type event_kind add value if not exists 'team';

-- +goose Down
-- PostgreSQL cannot remove a value of an enum. Without entries that have it, it does no harm.
delete from ticket_events where kind::text in ('assignment', 'team');
