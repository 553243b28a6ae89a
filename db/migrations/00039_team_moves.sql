-- +goose Up
-- The function of 00034. A ticket that moves to a team whose tickets some staff may not read ends
-- their right to it, so the replicas check their open pages before they send them what happens
-- next. This is only done if it can be so: for private teams, and if there are staff who see
-- only the tickets of their teams.
-- +goose StatementBegin
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    if exists (select from teams g where g.id = new.team_id and g.private) or exists (select from roles r where not r.see_all) then
        perform pg_notify('frontdesk', 'u ' || u.id) from users u
        where u.role <> 'customer' and u.disabled_at is null
          and may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, old.team_id)
          and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    end if;
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function tickets_moved() returns trigger
language plpgsql as $$
begin
    delete from notifications n using users u
    where n.ticket_id = new.id and u.id = n.user_id
      and not may_read(reach_of(u.role, u.permissions), u.id, new.requester_id, new.team_id);
    return null;
end
$$;
-- +goose StatementEnd
