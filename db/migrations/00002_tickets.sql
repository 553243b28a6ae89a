-- +goose Up
create type ticket_status as enum ('OPEN', 'IN_PROGRESS', 'RESOLVED', 'CLOSED');
create type ticket_priority as enum ('Low', 'Medium', 'High', 'Urgent');
create type event_kind as enum ('opened', 'comment', 'message', 'status', 'field', 'attachment', 'deletion');

create table categories (
    id         bigint generated always as identity primary key,
    name       text        not null constraint categories_name_length check (char_length(name) between 1 and 60),
    position   int         not null default 0,
    retired_at timestamptz,
    created_at timestamptz not null default now()
);
create unique index categories_name_key on categories (lower(name));
insert into categories (name, position) values ('Billing', 1), ('Technical', 2), ('General', 3);

-- The words of a text for the search. The text is split at every punctuation mark, so
-- that "14" finds E-14 and "report" finds report.pdf, which PostgreSQL's parser does not
-- split, and so that <this> is not ignored as a tag.
-- +goose StatementBegin
create function words(txt text) returns tsvector
language sql immutable parallel safe as $$
    select to_tsvector('simple'::regconfig, translate(txt, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))
$$;
-- +goose StatementEnd

create table tickets (
    id              bigint generated always as identity primary key,
    requester_id    bigint          not null references users,
    subject         text            not null constraint tickets_subject_length check (char_length(subject) between 1 and 200),
    description     text            not null constraint tickets_description_length check (char_length(description) between 1 and 20000),
    category_id     bigint          not null references categories,
    priority        ticket_priority not null,
    status          ticket_status   not null default 'OPEN',
    version         int             not null default 1,
    last_seq        bigint          not null default 0,
    comment_count   int             not null default 0,
    file_count      int             not null default 0,
    -- Set while the requester waits for a public answer of staff.
    waiting_since   timestamptz,
    submission_id   text            not null,
    submission_hash bytea           not null,
    created_at      timestamptz     not null default now(),
    updated_at      timestamptz     not null default now(),
    deleted_at      timestamptz,
    deleted_by      bigint          references users,
    constraint tickets_submission_key unique (requester_id, submission_id)
);
-- One index for each order of the list, and for the filters that are often used.
create index tickets_updated_idx on tickets (updated_at desc, id desc) where deleted_at is null;
create index tickets_created_idx on tickets (created_at desc, id desc) where deleted_at is null;
create index tickets_urgent_idx on tickets (priority desc, updated_at desc, id desc) where deleted_at is null;
create index tickets_waiting_idx on tickets (waiting_since, id) where deleted_at is null and waiting_since is not null;
create index tickets_status_idx on tickets (status, updated_at desc, id desc) where deleted_at is null;
create index tickets_category_idx on tickets (category_id, updated_at desc, id desc) where deleted_at is null;
create index tickets_requester_idx on tickets (requester_id, updated_at desc, id desc) where deleted_at is null;
create index tickets_requester_status_idx on tickets (requester_id, status, updated_at desc, id desc) where deleted_at is null;
-- Few tickets are unresolved, also on a large desk, so every order of the queue has an
-- index of these only. Tickets whose requester does not wait come last.
create index tickets_active_updated_idx on tickets (updated_at desc, id desc) where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');
create index tickets_active_created_idx on tickets (created_at desc, id desc) where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');
create index tickets_active_urgent_idx on tickets (priority desc, updated_at desc, id desc) where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');
create index tickets_active_waiting_idx on tickets (coalesce(waiting_since, '9999-01-01 00:00:00Z'), id) where deleted_at is null and status in ('OPEN', 'IN_PROGRESS');
create index tickets_trash_idx on tickets (deleted_at desc, id desc) where deleted_at is not null;

-- The words of a ticket are in a separate table, because every comment creates a new
-- version of the row of the ticket, which all its indexes must include, and the index of
-- words is the most expensive one.
create table ticket_words (
    ticket_id bigint   primary key references tickets on delete cascade,
    search    tsvector not null
);
create index ticket_words_search_idx on ticket_words using gin (search);

-- +goose StatementBegin
create function tickets_worded() returns trigger
language plpgsql as $$
begin
    insert into ticket_words (ticket_id, search) values (new.id, words(new.subject || ' ' || new.description))
    on conflict (ticket_id) do update set search = excluded.search;
    return null;
end
$$;
-- +goose StatementEnd

create trigger tickets_worded after insert or update of subject, description on tickets
    for each row execute function tickets_worded();

-- The ordered log of a ticket. seq is assigned under the row lock of the ticket, so its
-- order is the order of commits.
create table ticket_events (
    ticket_id       bigint      not null references tickets on delete cascade,
    seq             bigint      not null,
    kind            event_kind  not null,
    author_id       bigint      not null references users,
    body            text        not null default '' constraint ticket_events_body_length
                    check (char_length(body) <= case kind when 'message' then 2000 else 20000 end),
    data            jsonb       not null default '{}',
    submission_id   text,
    submission_hash bytea,
    created_at      timestamptz not null default now(),
    search          tsvector    generated always as (case when kind = 'comment' then words(body) end) stored,
    primary key (ticket_id, seq),
    constraint ticket_events_submission_key unique (ticket_id, author_id, submission_id)
);
create index ticket_events_search_idx on ticket_events using gin (search) where search is not null;

-- A file of an entry of the log. Until its form is sent, it is staged: it has an owner and a submission id, but no ticket.
create table attachments (
    id            bigint generated always as identity primary key,
    name          text        not null constraint attachments_name_key unique,
    ticket_id     bigint,
    seq           bigint,
    user_id       bigint      not null references users,
    submission_id text        not null,
    filename      text        not null constraint attachments_filename_length check (char_length(filename) between 1 and 255),
    content_type  text        not null,
    size          bigint      not null,
    sha256        bytea       not null,
    created_at    timestamptz not null default now(),
    removed_at    timestamptz,
    foreign key (ticket_id, seq) references ticket_events on delete cascade,
    check ((ticket_id is null) = (seq is null)),
    constraint attachments_submission_key unique (user_id, submission_id, sha256, filename)
);
create index attachments_event_idx on attachments (ticket_id, seq);
create index attachments_staged_idx on attachments (created_at) where ticket_id is null;

-- Up to which seq a user has read a ticket, and how many public answers of others followed.
create table ticket_reads (
    ticket_id bigint not null references tickets on delete cascade,
    user_id   bigint not null references users on delete cascade,
    seq       bigint not null default 0,
    unread    int    not null default 0,
    primary key (ticket_id, user_id)
);

-- +goose Down
drop table ticket_reads, attachments, ticket_events, ticket_words, tickets, categories;
drop function tickets_worded, words;
drop type event_kind, ticket_priority, ticket_status;
