-- +goose Up
-- Notifications of users: one row per user and ticket, for the events of the ticket
-- that they have not read. A row that was read stays, and is used again when more happens.
create sequence notifications_sort_key;
create table notifications (
    ticket_id  bigint      not null references tickets on delete cascade,
    user_id    bigint      not null references users on delete cascade,
    seq        bigint      not null, -- of the newest event
    first_seq  bigint      not null, -- of the oldest event that is unread
    events     int         not null, -- how many events are unread, or were when it was read
    kind       event_kind  not null, -- of the event that is shown: an answer takes precedence over a change of status
    author_id  bigint      not null, -- whose
    created_at timestamptz not null, -- of the newest event
    read_at    timestamptz,
    -- The order of the list, the newest last: times may be the same.
    sort_key   bigint      not null default nextval('notifications_sort_key'),
    primary key (ticket_id, user_id)
) with (fillfactor = 80);
alter sequence notifications_sort_key owned by notifications.sort_key;
create index notifications_user_idx on notifications (user_id, sort_key desc);
-- The number beside the bell is counted from this index with every page.
create index notifications_unread_idx on notifications (user_id, ticket_id) where read_at is null;

-- A user with another role may not see the same tickets. Notifications are written
-- under a lock on their staff's accounts, so none is added after this.
-- +goose StatementBegin
create function users_notifications_removed() returns trigger
language plpgsql as $$
begin
    delete from notifications n where n.user_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd

create trigger users_notifications_removed after update of role on users
    for each row when (old.role is distinct from new.role)
    execute function users_notifications_removed();

-- +goose Down
drop trigger users_notifications_removed on users;
drop function users_notifications_removed;
drop table notifications;
