-- +goose Up
-- A member of staff who is away: until a time in the future. Null or a time in the past is present,
-- and a time in the year 9999 until they return.
alter table users add column away_until timestamptz;
-- The member to whom the last ticket was assigned automatically; the next one follows by id.
alter table teams add column last_assigned_id bigint not null default 0;

-- answers reports whether a user is staff who may reply to requesters. 4 is the permission ReplyToTickets.
create function answers(u users) returns boolean
language sql immutable parallel safe
return (u).disabled_at is null and works_as_staff((u).role) and ((u).permissions is null or (u).permissions & 4 <> 0);

-- +goose Down
drop function answers(users);
alter table teams drop column last_assigned_id;
alter table users drop column away_until;
