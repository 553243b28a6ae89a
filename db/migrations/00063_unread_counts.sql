-- +goose Up
-- lists_ticket decides the same as may_read, but with the teams of scope_teams that limit the user's
-- reach, which a query that counts many tickets reads once. PostgreSQL inlines it.
create function lists_ticket(reach text, viewer bigint, teams bigint[], requester bigint, team bigint) returns boolean
language sql immutable parallel safe
return requester = viewer or reach = 'all' or reach = 'open' and (team is null or team <> all (teams)) or reach = 'teams' and team = any (teams);

-- unread_notifications returns the number of unread notifications of a user that the page of
-- notifications lists, counted up to most: a ticket that moved, was deleted or lost a reader while its
-- event was delivered has rows that are not listed. It is not inlined, so that a session of a user
-- without unread notifications costs nothing more.
-- +goose StatementBegin
create function unread_notifications(viewer bigint, most int) returns int
language plpgsql stable as $$
begin
    return (select count(*) from (
        select from users u
        cross join lateral (select actor_teams(u.id, u.role, u.permissions) as teams offset 0) g
        join notifications n on n.user_id = u.id and n.read_at is null
        join tickets t on t.id = n.ticket_id
        where u.id = viewer and t.deleted_at is null and lists_ticket(reach_of(u.role, u.permissions), u.id, g.teams, t.requester_id, t.team_id)
        limit most) x);
end
$$;
-- +goose StatementEnd

-- The function of 00036, with the message that makes the replicas count the user's unread
-- notifications again.
-- +goose StatementBegin
create or replace function users_notifications_removed() returns trigger
language plpgsql as $$
begin
    delete from notifications n using tickets t
    where n.user_id = new.id and t.id = n.ticket_id and not may_read(reach_of(new.role, new.permissions), new.id, t.requester_id, t.team_id);
    if found then
        perform wake_replicas('n ' || new.id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function users_notifications_removed() returns trigger
language plpgsql as $$
begin
    delete from notifications n using tickets t
    where n.user_id = new.id and t.id = n.ticket_id and not may_read(reach_of(new.role, new.permissions), new.id, t.requester_id, t.team_id);
    return null;
end
$$;
-- +goose StatementEnd
drop function unread_notifications;
drop function lists_ticket;
