-- +goose Up
-- The side from which the author of an event took part, decided when the event is written.
-- Older events have none: their author was on the side of the requester if they are the
-- requester, and otherwise on the side of staff.
create type event_side as enum ('requester', 'staff');
alter table ticket_events add column side event_side;

-- side_of decides it, as SideOf of package desk does.
create function side_of(author bigint, requester bigint) returns event_side
language sql immutable parallel safe
return (case when author = requester then 'requester' else 'staff' end)::event_side;

-- sees_all_tickets is the permission SeeAllTickets of package account, for queries that
-- read the roles of others.
create function sees_all_tickets(role user_role) returns boolean
language sql immutable parallel safe
return role = 'admin';

-- +goose Down
drop function sees_all_tickets(user_role);
drop function side_of(bigint, bigint);
alter table ticket_events drop column side;
drop type event_side;
