-- +goose Up
-- Words are searched in stretches of 16,384 tickets, the newest first. Each word is in the
-- index once for every stretch, so the cost of a common word is that of the stretches which
-- are read. The query computes stretches in the same way. Long words are cut, because with
-- the stretch a word of 2,046 bytes would exceed the limit of a tsvector, and the other words
-- would not be indexed.
-- +goose StatementBegin
create function words_at(ticket bigint, search tsvector) returns tsvector
language sql immutable strict parallel safe as $$
    select array_to_tsvector(array(select to_hex(ticket >> 14) || ':' || left(word, 500) from unnest(tsvector_to_array(search)) word))
$$;
-- +goose StatementEnd

-- There is no list of pending entries (fastupdate), because each search would read it once
-- for every stretch.
set local maintenance_work_mem = '256MB';
drop index ticket_words_search_idx;
create index ticket_words_search_idx on ticket_words using gin (words_at(ticket_id, search)) with (fastupdate = off);
drop index ticket_events_search_idx;
create index ticket_events_search_idx on ticket_events using gin (words_at(ticket_id, search)) with (fastupdate = off) where search is not null;

-- The list of tickets that wait too long skips newer ones in this index.
drop index tickets_active_updated_idx;
create index tickets_active_updated_idx on tickets (updated_at desc, id desc, coalesce(waiting_since, '9999-01-01 00:00:00Z'))
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');

-- +goose Down
drop index tickets_active_updated_idx;
create index tickets_active_updated_idx on tickets (updated_at desc, id desc) where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');
drop index ticket_events_search_idx;
create index ticket_events_search_idx on ticket_events using gin (search) where search is not null;
drop index ticket_words_search_idx;
create index ticket_words_search_idx on ticket_words using gin (search);
drop function words_at;
