-- name: ListUpdates :many
-- ListUpdates returns, for each of several positions in the logs of tickets, the entries after
-- it up to the seq upto, oldest first, and before them the entry at the position, without
-- its text. The texts of each log end with the one that reaches max_bytes; later entries are
-- marked as cut. Internal entries are returned for positions of staff only. The texts of a changed description are left out, because no page shows
-- them. The arrays are in selects so that PostgreSQL does not know their lengths and keeps
-- one plan; otherwise it would make a plan for nearly every call, which takes longer than
-- the query.
select w.nr::int as nr, e.seq, e.kind, e.author_id, u.username as author, u.role as author_role, coalesce(e.side::text, '')::text as side, e.internal,
       (case when e.seq > w.after and e.bytes < @max_bytes::bigint then e.body else '' end)::text as body,
       (case when e.kind = 'field' and e.data ->> 'field' = 'description' then '{"field": "description"}' else e.data end)::jsonb as data,
       e.created_at, (e.bytes >= @max_bytes::bigint)::boolean as cut
from rows from (unnest((select @tickets::bigint[])), unnest((select @after::bigint[])), unnest((select @upto::bigint[])), unnest((select @internal::boolean[])))
    with ordinality as w(ticket_id, after, upto, internal, nr)
cross join lateral (
    select t.*, coalesce(sum(case when t.seq > w.after then octet_length(t.body) end)
        over (order by t.seq rows between unbounded preceding and 1 preceding), 0) as bytes -- of the texts before it
    from (
        select seq, kind, author_id, side, internal, body, data, created_at from ticket_events
        where ticket_id = w.ticket_id and seq >= w.after and seq <= w.upto and (not internal or w.internal)
        order by seq limit @max
    ) t
) e
join users u on u.id = e.author_id
order by w.nr, e.seq;

-- name: UpdatedFiles :many
-- UpdatedFiles returns the existing files of a range of a ticket's log, with the seq of their
-- entry; those of internal entries only for staff.
select a.seq::bigint as seq, a.name, a.filename, a.content_type, a.size
from attachments a
where a.ticket_id = @ticket_id and a.seq > @after and a.seq <= @upto and a.removed_at is null
  and (@internal::boolean or not exists (select from ticket_events e where e.ticket_id = a.ticket_id and e.seq = a.seq and e.internal))
order by a.seq, a.id;

-- name: ReadersOfTickets :many
-- ReadersOfTickets returns those of the given users who may read one of the given tickets, deleted or not.
select u.id from users u
where u.id = any (@users::bigint[]) and exists (
    select from tickets t where t.id = any (@tickets::bigint[]) and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id));

-- name: CheckSubscriptions :many
-- CheckSubscriptions returns for each follower whether it may still follow, and the last seq of
-- its ticket, for the requester's side that of the public events: the session must be open, the ticket
-- one that the user may read, and the role of the account the same. Ticket 0 means no ticket. For the
-- selects around arrays see ListUpdates.
select w.nr::int as nr, (u.id is not null)::boolean as signed_in, coalesce(role_key(u.role, u.permissions) <> w.role_key, false)::boolean as role_changed,
       (u.id is not null and (w.ticket_id = 0 or t.id is not null))::boolean as may_read, coalesce(case when on_staff_side(works_as_staff(u.role), u.id, t.requester_id) then t.last_seq
       else public_seq(t.last_seq, t.internal_seq, t.public_seq_before) end, 0)::bigint as last_seq
from rows from (unnest((select @tokens::text[])), unnest((select @users::bigint[])), unnest((select @role_keys::text[])), unnest((select @tickets::bigint[]))) with ordinality as w(token, user_id, role_key, ticket_id, nr)
left join sessions s on s.token_hash = w.token and s.revoked_at is null and s.expires_at > @now::timestamptz and s.seen_at > @idle_since::timestamptz
left join users u on u.id = s.user_id and u.disabled_at is null and u.session_ver = (s.data ->> 'session_ver')::int
    and u.id = w.user_id
left join tickets t on t.id = w.ticket_id and t.deleted_at is null and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
order by w.nr;
