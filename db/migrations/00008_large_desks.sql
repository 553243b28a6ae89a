-- +goose Up
-- Words are looked for newest first, in a stretch of 16,384 tickets at a time:
-- each word stands in the index once for every stretch, so that one that half a
-- million old texts hold costs no more to look for than the stretch it is met in.
-- The query that reads it counts the stretches in the same way. Of a long word the
-- beginning is enough, as nobody asks for 500 letters: with the stretch, one of 2,046
-- bytes would be longer than a tsvector can hold, and hide the words beside it.
-- +goose StatementBegin
create function words_at(ticket bigint, search tsvector) returns tsvector
language sql immutable strict parallel safe as $$
    select array_to_tsvector(array(select to_hex(ticket >> 14) || ':' || left(word, 500) from unnest(tsvector_to_array(search)) word))
$$;
-- +goose StatementEnd

-- Each search would read the list of pending entries once for every stretch, so
-- that there is none (fastupdate).
set local maintenance_work_mem = '256MB';
drop index ticket_words_search_idx;
create index ticket_words_search_idx on ticket_words using gin (words_at(ticket_id, search)) with (fastupdate = off);
drop index ticket_events_search_idx;
create index ticket_events_search_idx on ticket_events using gin (words_at(ticket_id, search)) with (fastupdate = off) where search is not null;

-- The list of those who wait too long walks past all that are newer: in the index.
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
