-- name: WriteLine :one
-- A comment or chat line with all it does to its ticket, in one statement. With
-- plain it writes nothing where more than that would have to happen: where it
-- re-opens the ticket, files were staged for it, or the log has gone on after
-- the place that was seen. That is read from the ticket's own row, as it is
-- once it is locked; the log would be read as it was. A ticket that another
-- writer holds is not waited for, as lines of many tickets share a transaction.
-- Nor is an account of which a right is being ended. Without plain the caller
-- reads the author's right at the end of its transaction.
with ticket as (
    update tickets t
    set last_seq = t.last_seq + 1,
        updated_at = @now,
        comment_count = t.comment_count + (@kind::event_kind = 'comment')::int,
        waiting_since = case when t.requester_id = @author_id::bigint then coalesce(t.waiting_since, @now) end
    where t.id = (select x.id from tickets x where x.id = @ticket_id for no key update skip locked)
        and t.deleted_at is null and (@sees_all::boolean or t.requester_id = @author_id::bigint)
        and not (@plain::boolean and (
            (t.requester_id = @author_id::bigint and t.status in ('RESOLVED', 'CLOSED'))
            or (@seen::bigint > 0 and t.last_seq > @seen::bigint)
            or exists (select from attachments a where a.user_id = @author_id::bigint and a.submission_id = @submission_id::text)))
        and (not @plain::boolean or right_holds(@author_id::bigint, @author_role::text, @right_version::int, @right_session::text, @right_token::bytea, @now, true))
    returning t.last_seq, t.requester_id
), unread as (
    update ticket_reads r set unread = r.unread + 1 from ticket
    where r.ticket_id = @ticket_id and r.user_id <> @author_id::bigint
)
insert into ticket_events (ticket_id, seq, kind, author_id, side, body, submission_id, submission_hash, created_at)
select @ticket_id, ticket.last_seq, @kind::event_kind, @author_id::bigint, side_of(@author_id::bigint, ticket.requester_id), @body::text,
       nullif(@submission_id::text, ''), @submission_hash::bytea, @now
from ticket
returning seq;

-- name: GetSentLine :one
-- What the same form made when it was sent before.
select seq, kind, body, submission_hash, created_at from ticket_events
where ticket_id = @ticket_id and author_id = @author_id and submission_id = @submission_id::text;

-- name: UnseenAnswers :one
-- Counts the comments of staff after a seq of the log, without those of the author.
select count(*) as answers, coalesce(min(seq), 0)::bigint as first from ticket_events
where ticket_id = @ticket_id and seq > @seen and kind = 'comment' and author_id <> @author_id and coalesce(side, side_of(author_id, @requester_id::bigint)) = 'staff';
