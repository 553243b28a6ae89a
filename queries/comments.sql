-- name: WriteComment :one
-- WriteComment writes a comment or a chat message with all its effects on the ticket, in one
-- statement, and returns its seq. With assigns it also assigns an unassigned ticket to an author
-- on the side of staff, and records that as an internal event before the comment, so that the
-- newest event is a public one. Subqueries read the row of locked, because a join takes longer.
-- With plain it writes nothing if more would be needed: if it would reopen the ticket, if files
-- are staged for it, or if the log has grown since the seq that was seen.
-- That is checked on the locked row of the ticket, because the log would be read as it was
-- at the beginning of the statement. It does not wait for a ticket that another transaction
-- has locked, because messages of many tickets share a transaction, nor for an account of
-- which a right is being ended. Without plain, the caller checks the author's right at the
-- end of its transaction. Whether the author may read the tickets of a team is checked again
-- under the lock of right_holds.
with locked as (
    select x.id, @assigns::boolean and x.assignee_id is null and side_of(@author_id::bigint, x.requester_id) = 'staff' as assigned
    from tickets x where x.id = @ticket_id for no key update skip locked
), ticket as (
    update tickets t
    set last_seq = t.last_seq + 1 + (select assigned::int from locked),
        internal_seq = case when (select assigned from locked) then t.last_seq + 1 else t.internal_seq end,
        assignee_id = case when (select assigned from locked) then @author_id::bigint else t.assignee_id end,
        updated_at = @now,
        comment_count = t.comment_count + (@kind::event_kind = 'comment')::int,
        waiting_since = case when side_of(@author_id::bigint, t.requester_id) = 'requester' then coalesce(t.waiting_since, @now) end
    where t.id = (select id from locked)
        and t.deleted_at is null and may_read(@reach::text, @author_id::bigint, t.requester_id, t.team_id)
        and not (@plain::boolean and (
            (side_of(@author_id::bigint, t.requester_id) = 'requester' and t.status in ('RESOLVED', 'CLOSED'))
            or (@seen::bigint > 0 and case when side_of(@author_id::bigint, t.requester_id) = 'requester'
                then public_seq(t.last_seq, t.internal_seq, t.public_seq_before) else t.last_seq end > @seen::bigint)
            or exists (select from attachments a where a.user_id = @author_id::bigint and a.submission_id = @submission_id::text)))
        and (not @plain::boolean or case when right_holds(@author_id::bigint, @author_role::text, @right_version::int, @right_session::text, @right_token::bytea, @now, true)
            then t.team_id is null or t.requester_id = @author_id::bigint or @reach::text = 'all' or holds_team(@reach::text, @author_id::bigint, t.team_id) end)
    returning t.last_seq, t.requester_id, (select assigned from locked) as assigned
), unread as (
    update ticket_reads r set unread = r.unread + 1 + (ticket.assigned and r.user_id <> ticket.requester_id)::int from ticket
    where r.ticket_id = @ticket_id and r.user_id <> @author_id::bigint
), assignment as (
    insert into ticket_events (ticket_id, seq, kind, author_id, side, internal, data, created_at)
    select @ticket_id, ticket.last_seq - 1, 'assignment', @author_id::bigint, 'staff', true,
           jsonb_build_object('from', null, 'to', (select jsonb_build_object('id', u.id, 'name', u.username) from users u where u.id = @author_id::bigint), 'why', 'reply'), @now
    from ticket where ticket.assigned
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, body, submission_id, submission_hash, created_at)
select @ticket_id, ticket.last_seq, @kind::event_kind, @author_id::bigint, side_of(@author_id::bigint, ticket.requester_id),
       @body::text, nullif(@submission_id::text, ''), @submission_hash::bytea, @now
from ticket
returning seq;

-- name: GetSentComment :one
-- GetSentComment returns what the same form wrote when it was sent before.
select seq, kind, coalesce(side::text, '')::text as side, internal, body, data, submission_hash, created_at from ticket_events
where ticket_id = @ticket_id and author_id = @author_id and submission_id = @submission_id::text;

-- name: UnseenEntries :one
-- UnseenEntries counts the comments of staff after a seq of the log, as answers, without those of the
-- author. author is who wrote them, or '' if there are several. requester is the name of the requester
-- if they wrote comments or chat messages, or changed texts, files or fields after that seq, or '';
-- only_changed is true if they wrote none. first is the first of all these entries.
select count(*) filter (where not x.of_requester) as answers, coalesce(min(x.seq), 0)::bigint as first,
       coalesce(case when min(x.author_id) filter (where not x.of_requester) = max(x.author_id) filter (where not x.of_requester)
           then min(u.username) filter (where not x.of_requester) end, '')::text as author,
       coalesce(min(u.username) filter (where x.of_requester), '')::text as requester,
       coalesce(bool_and(x.kind in ('attachment', 'field')) filter (where x.of_requester), false)::boolean as only_changed
from (
    select e.seq, e.author_id, e.kind, coalesce(e.side, side_of(e.author_id, @requester_id::bigint)) = 'requester' as of_requester
    from ticket_events e where e.ticket_id = @ticket_id and e.seq > @seen and e.author_id <> @author_id and e.kind in ('comment', 'message', 'attachment', 'field')
) x
join users u on u.id = x.author_id
where x.of_requester or x.kind = 'comment';