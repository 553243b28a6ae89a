-- +goose Up
-- The import of the data of the first system (frontdesk import). A desk has at most one.
create table imports (
    only_one    boolean     primary key default true check (only_one),
    source      text        not null, -- the number of rows of the source, which must not change meanwhile
    user_base   bigint      not null, -- the id of a user is this and their number in the source
    ticket_base bigint      not null, -- the same for tickets
    session_ver int         not null, -- of imported and moved accounts: higher than any that the desk had, so that no signed token has their id and version
    started_at  timestamptz not null,
    finished_at timestamptz
);

-- The batches of tickets that are imported: those after one ticket of the source up to
-- another. A row commits with the tickets of its batch.
create table import_batches (
    after_id text primary key,
    last_id  text not null
);

-- What became of each row of the source, in the order in which the report lists them.
create table import_entries (
    id     bigint generated always as identity primary key,
    kind   text   not null,            -- user, ticket, comment, message, attachment, or account: one that the desk had before
    old_id text   not null,
    new_id bigint,                     -- of the user or the ticket; null if the row was not imported
    seq    bigint,                     -- of the entry in the ticket's log
    note   text   not null default ''  -- what was changed, or why the row was not imported
);

-- +goose Down
drop table import_entries, import_batches, imports;
