-- +goose Up
-- Conditions that several queries have. PostgreSQL puts the bodies of all but sees_tickets in place of the calls.

-- has_token reports whether mails of a kind contain the token of a link to an account. Such a mail is
-- of no use after the token has expired, and its bytes are removed as soon as it is sent.
create function has_token(kind mail_kind) returns boolean
language sql immutable parallel safe
return kind in ('password', 'verify', 'address_change', 'invitation');

-- sees_tickets reports whether a viewer may read all tickets of a list, and is the requester of none.
create function sees_tickets(reach text, viewer bigint, list bigint[]) returns boolean
language sql stable parallel safe
return not exists (select from unnest(list) x(id) join tickets t on t.id = x.id
    where t.requester_id = viewer or not may_read(reach, viewer, t.requester_id, t.team_id));

-- may_see_mail reports whether a viewer may see a mail in the list of all mails: if they may read the
-- ticket that it is about, whose requester is null for a mail about no ticket, and the tickets of a
-- mail to staff. Mails to staff about the viewer's own tickets are left out, because the viewer is a
-- customer there.
create function may_see_mail(reach text, viewer bigint, requester bigint, team bigint, list bigint[]) returns boolean
language sql stable parallel safe
return (requester is null or may_read(reach, viewer, requester, team)) and (list = '{}' or sees_tickets(reach, viewer, list));

-- actor_teams returns the teams that limit which tickets an agent may read, see scope_teams; null for
-- other roles, which teams do not limit.
create function actor_teams(viewer bigint, role user_role, permissions int) returns bigint[]
language sql stable parallel safe
return case when role = 'agent' then scope_teams(reach_of(role, permissions), viewer) end;

-- +goose Down
drop function actor_teams, may_see_mail, sees_tickets, has_token;
