-- +goose Up
-- Jobs that fill a new table or column from old rows while the desk is served: see db/backfill.go.
-- position is the position of the job, in a format of its own.
create table backfills (
    name        text        primary key,
    position    text        not null default '',
    started_at  timestamptz,
    finished_at timestamptz
);

-- The searched texts of tickets: subject and description, and public comments. A row is
-- written once, with its text; other changes of the ticket do not touch it. The table is separate,
-- because each update of a ticket adds entries to all indexes of its table. runs is used to check
-- runs longer than a pair. There are no foreign keys to the tickets, with which each comment
-- would lock the row of its ticket again. Triggers delete the rows.
create table search_tickets (
    ticket_id bigint   primary key,
    terms     tsvector not null,
    runs      text
);
create table search_comments (
    ticket_id bigint   not null,
    seq       bigint   not null,
    terms     tsvector not null,
    runs      text,
    primary key (ticket_id, seq)
);
-- Without fastupdate: each search would read the list of pending entries once for every range.
create index search_tickets_terms_idx on search_tickets using gin (terms) with (fastupdate = off);
create index search_comments_terms_idx on search_comments using gin (terms) with (fastupdate = off);

create type search_text as (terms tsvector, runs text);

-- +goose StatementBegin
create function search_text(ticket bigint, txt text) returns search_text
language plpgsql immutable parallel safe as $$
declare
    split constant record := search_split(txt);
begin
    return (search_terms(ticket, split.words, split.runs), split.runs);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function tickets_searched() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from search_tickets where ticket_id = old.id;
        return null;
    end if;
    insert into search_tickets select new.id, x.* from search_text(new.id, new.subject || ' ' || new.description) x
    on conflict (ticket_id) do update set terms = excluded.terms, runs = excluded.runs;
    return null;
end
$$;
-- +goose StatementEnd

create trigger tickets_searched after insert or delete or update of subject, description on tickets
    for each row execute function tickets_searched();

-- +goose StatementBegin
create function comments_searched() returns trigger
language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        delete from search_comments where ticket_id = old.ticket_id and seq = old.seq;
    end if;
    if tg_op <> 'DELETE' and new.kind = 'comment' then
        insert into search_comments select new.ticket_id, new.seq, x.* from search_text(new.ticket_id, new.body) x;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

create trigger comments_searched after insert on ticket_events
    for each row when (new.kind = 'comment') execute function comments_searched();
create trigger comments_searched_again after update of kind, body on ticket_events
    for each row execute function comments_searched();
create trigger comments_searched_no_more after delete on ticket_events
    for each row when (old.kind = 'comment') execute function comments_searched();

-- The searched texts of users: the folded name and email address, and then, one per line, the
-- pairs and last letters of their runs in scripts without spaces, because trigrams need three
-- letters and many names have two.
create table search_names (
    user_id bigint primary key references users on delete cascade,
    name    text   not null
);
create index search_names_name_idx on search_names using gin (name gin_trgm_ops);

-- +goose StatementBegin
create function search_name(username text, email text) returns text
language plpgsql immutable strict parallel safe as $$
declare
    runs constant text := (search_split(username || ' ' || email)).runs;
begin
    return search_fold(username || ' ' || email) || coalesce(E'\n' || array_to_string(search_pairs(runs), E'\n') || E'\n', '');
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function users_searched() returns trigger
language plpgsql as $$
begin
    insert into search_names values (new.id, search_name(new.username, new.email))
    on conflict (user_id) do update set name = excluded.name;
    return null;
end
$$;
-- +goose StatementEnd

create trigger users_searched after insert or update of username, email on users
    for each row execute function users_searched();

-- Jobs insert the rows of existing tickets and users; until they finish, searches use the old
-- index. A new desk has no such rows, and needs neither the jobs nor the old index.
-- A later version drops the old index. Until then the previous version of the program can run
-- beside this one.
insert into backfills (name, finished_at)
select name, case when not exists (select from users) then now() end
from unnest(array['search names', 'search tickets', 'search comments']) name;

-- +goose StatementBegin
do $$
begin
    if not exists (select from users) then
        drop trigger tickets_worded on tickets;
        drop function tickets_worded;
        drop table ticket_words;
        drop index ticket_events_search_idx;
        alter table ticket_events drop column search;
        drop function words_at, words;
        drop index users_trgm;
    end if;
end
$$;
-- +goose StatementEnd

-- +goose Down
drop trigger users_searched on users;
drop trigger tickets_searched on tickets;
drop trigger comments_searched on ticket_events;
drop trigger comments_searched_again on ticket_events;
drop trigger comments_searched_no_more on ticket_events;
drop function users_searched, tickets_searched, comments_searched, search_name, search_text;
drop table search_names, search_tickets, search_comments, backfills;
drop type search_text;
-- Create again what a new desk has dropped: see 00002 and 00008.
create index if not exists users_trgm on users using gin ((lower(username || ' ' || email)) gin_trgm_ops);
-- +goose StatementBegin
create or replace function words(txt text) returns tsvector
language sql immutable parallel safe as $$
    select to_tsvector('simple'::regconfig, translate(txt, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function words_at(ticket bigint, search tsvector) returns tsvector
language sql immutable strict parallel safe as $$
    select array_to_tsvector(array(select to_hex(ticket >> 14) || ':' || left(word, 500) from unnest(tsvector_to_array(search)) word))
$$;
-- +goose StatementEnd
create table if not exists ticket_words (
    ticket_id bigint   primary key references tickets on delete cascade,
    search    tsvector not null
);
-- +goose StatementBegin
create or replace function tickets_worded() returns trigger
language plpgsql as $$
begin
    insert into ticket_words (ticket_id, search) values (new.id, words(new.subject || ' ' || new.description))
    on conflict (ticket_id) do update set search = excluded.search;
    return null;
end
$$;
-- +goose StatementEnd
create or replace trigger tickets_worded after insert or update of subject, description on tickets
    for each row execute function tickets_worded();
insert into ticket_words (ticket_id, search) select id, words(subject || ' ' || description) from tickets on conflict do nothing;
create index if not exists ticket_words_search_idx on ticket_words using gin (words_at(ticket_id, search)) with (fastupdate = off);
alter table ticket_events add column if not exists search tsvector generated always as (case when kind = 'comment' then words(body) end) stored;
create index if not exists ticket_events_search_idx on ticket_events using gin (words_at(ticket_id, search)) with (fastupdate = off) where search is not null;
