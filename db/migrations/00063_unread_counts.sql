-- +goose Up
-- lists_ticket decides the same as may_read, but with the teams of scope_teams that limit the user's
-- reach, which a query that counts many tickets reads once. PostgreSQL inlines it.
create function lists_ticket(reach text, viewer bigint, teams bigint[], requester bigint, team bigint) returns boolean
language sql immutable parallel safe
return requester = viewer or reach = 'all' or reach = 'open' and (team is null or team <> all (teams)) or reach = 'teams' and team = any (teams);

-- +goose Down
drop function lists_ticket;
