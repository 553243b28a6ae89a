-- name: ListNews :many
-- What followed each of several places in tickets' logs, oldest first, and before
-- it the entry at the place itself. Nothing beyond upto is read. Behind a select
-- PostgreSQL cannot see how long the arrays are, and keeps one plan for all; it
-- would make a plan for nearly each call, which takes longer than the call.
select w.nr::int as nr, e.seq, e.kind, e.author_id, u.username as author, u.role as author_role, e.body, e.data, e.created_at
from rows from (unnest((select @tickets::bigint[])), unnest((select @after::bigint[])), unnest((select @upto::bigint[]))) with ordinality as w(ticket_id, after, upto, nr)
cross join lateral (
    select t.seq, t.kind, t.author_id, t.body, t.data, t.created_at from ticket_events t
    where t.ticket_id = w.ticket_id and t.seq >= w.after and t.seq <= w.upto
    order by t.seq limit @max
) e
join users u on u.id = e.author_id
order by w.nr, e.seq;

-- name: CheckStandings :many
-- Of those who follow something live, who may still, and how far its log goes:
-- the session is open, its account is on the side it was on, and the ticket is
-- one that this person may read. Ticket 0 is none in particular. For the selects
-- see ListNews.
select w.nr::int as nr, (u.id is not null)::boolean as signed_in,
       (u.id is not null and (w.ticket_id = 0 or t.id is not null))::boolean as may_read, coalesce(t.last_seq, 0)::bigint as last_seq
from rows from (unnest((select @tokens::text[])), unnest((select @users::bigint[])), unnest((select @staff::boolean[])), unnest((select @tickets::bigint[]))) with ordinality as w(token, user_id, staff, ticket_id, nr)
left join sessions s on s.token_hash = w.token and s.revoked_at is null and s.expires_at > @now::timestamptz and s.seen_at > @idle_since::timestamptz
left join users u on u.id = s.user_id and u.disabled_at is null and u.session_ver = (s.data ->> 'session_ver')::int
    and u.id = w.user_id and (u.role = 'admin') = w.staff
left join tickets t on t.id = w.ticket_id and t.deleted_at is null and (u.role = 'admin' or t.requester_id = u.id)
order by w.nr;
