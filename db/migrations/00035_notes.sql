-- +goose Up
-- The searched texts of notes. They are in a table of their own, so that a search of
-- requesters cannot find them: it never reads the table. See search_comments in 00011.
-- There were no notes before, so no job fills it.
create table search_notes (
    ticket_id bigint   not null,
    seq       bigint   not null,
    terms     tsvector not null,
    runs      text,
    primary key (ticket_id, seq)
);
create index search_notes_terms_idx on search_notes using gin (terms) with (fastupdate = off);

-- +goose StatementBegin
create function notes_searched() returns trigger
language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        delete from search_notes where ticket_id = old.ticket_id and seq = old.seq;
    end if;
    if tg_op <> 'DELETE' and new.body <> '' then -- the text of a deleted note is empty
        insert into search_notes select new.ticket_id, new.seq, x.* from search_text(new.ticket_id, new.body) x;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

create trigger notes_searched after insert on ticket_events
    for each row when (new.kind = 'note') execute function notes_searched();
create trigger notes_searched_again after update of body on ticket_events
    for each row when (new.kind = 'note') execute function notes_searched();
create trigger notes_searched_no_more after delete on ticket_events
    for each row when (old.kind = 'note') execute function notes_searched();

-- Staff who are notified of what happens on a ticket. A muted row is of a user who does not
-- want that, although they have written on the ticket.
create table followers (
    ticket_id  bigint      not null references tickets on delete cascade,
    user_id    bigint      not null references users on delete cascade,
    reason     text        not null constraint followers_reason check (reason in ('chosen', 'mentioned', 'assigned')),
    muted      boolean     not null default false,
    created_at timestamptz not null default now(),
    primary key (ticket_id, user_id)
);
create index followers_user_idx on followers (user_id, ticket_id);

-- +goose Down
drop table followers;
drop trigger notes_searched on ticket_events;
drop trigger notes_searched_again on ticket_events;
drop trigger notes_searched_no_more on ticket_events;
drop function notes_searched;
drop table search_notes;
