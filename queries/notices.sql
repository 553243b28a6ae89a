-- name: AddWaitingNotices :exec
-- AddWaitingNotices stores events for mails to staff who may read the ticket, never for their own:
-- the new assignee, those whom a note mentions (targets, both), after an answer of the requester those
-- who follow the ticket, are assigned or have answered it, and after a new ticket all whose team it
-- has, or all if it has none. Users who mute the ticket get only mentions and assignments.
insert into mail_waiting (user_id, ticket_id, seq, reason, at, due_at)
select u.id, t.id, x.seq, x.reason::mail_reason, x.at, x.at + interval '1 second' * @wait_seconds::float8
from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[])), unnest((select @reasons::text[])), unnest((select @authors::bigint[])),
                unnest((select @targets::bigint[])), unnest((select @times::timestamptz[]))) as x(ticket_id, seq, reason, author_id, target, at)
join tickets t on t.id = x.ticket_id and t.deleted_at is null
join users u on u.id <> x.author_id and u.disabled_at is null and on_staff_side(works_as_staff(u.role), u.id, t.requester_id)
    and (x.target = 0 or u.id = x.target)
    and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
    and wants_mail(u.mail_prefs, x.reason)
where case x.reason
    when 'answered' then not exists (select from followers f where f.ticket_id = t.id and f.user_id = u.id and f.muted)
        and (u.id = t.assignee_id or exists (select from followers f where f.ticket_id = t.id and f.user_id = u.id)
            or exists (select from ticket_events v where v.ticket_id = t.id and v.author_id = u.id and v.kind in ('comment', 'message')))
    when 'opened' then t.team_id is null or exists (select from team_members m where m.team_id = t.team_id and m.user_id = u.id)
    else x.target <> 0
    end
on conflict do nothing;

-- name: DueNotices :many
-- DueNotices returns users with events that are due, and who got no mail about events since a time.
select w.user_id from mail_waiting w
where w.reason <> 'message' and w.due_at <= @now
  and not exists (select from mail_out o where o.user_id = w.user_id and o.kind = 'notice' and o.created_at > @since::timestamptz and o.state <> 'skipped')
group by w.user_id limit 100;

-- name: TakeNotices :many
-- TakeNotices removes the events of a user that are due.
delete from mail_waiting where (user_id, ticket_id, seq) in (
    select w.user_id, w.ticket_id, w.seq from mail_waiting w
    where w.user_id = @user_id and w.reason <> 'message' and w.due_at <= @now order by w.due_at limit @max for update skip locked)
returning ticket_id, seq, reason;

-- name: NoticeEvents :many
-- NoticeEvents returns those events that belong in a mail to a member of staff: the user has not
-- read them, may read their tickets, and wants such mails.
select t.id as ticket_id, e.seq, w.reason::mail_reason as reason, e.kind, e.author_id, a.username as author, e.created_at, t.subject, u.email, u.username,
       (case when e.kind = 'opened' then t.description else e.body end)::text as body
from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[])), unnest((select @reasons::text[]))) as w(ticket_id, seq, reason)
join users u on u.id = @user_id and u.disabled_at is null
join tickets t on t.id = w.ticket_id and t.deleted_at is null and on_staff_side(works_as_staff(u.role), u.id, t.requester_id)
    and may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id)
join ticket_events e on e.ticket_id = w.ticket_id and e.seq = w.seq
join users a on a.id = e.author_id
left join ticket_reads r on r.ticket_id = w.ticket_id and r.user_id = u.id
where coalesce(r.seq, 0) < w.seq and wants_mail(u.mail_prefs, w.reason)
  and (w.reason <> 'assigned' or t.assignee_id = u.id)
  and not coalesce((e.data ->> 'deleted')::boolean, false)
order by w.ticket_id, w.seq;

-- name: LockNotice :one
-- LockNotice locks a mail about events that is due, and returns what is needed to write it again.
select o.mailbox_id, o.user_id::bigint as user_id, o.events, o.message_id from mail_out o
where o.id = @id and o.state in ('queued', 'deferred') and o.next_at <= @now and o.events is not null and o.user_id is not null for update;

-- name: RewriteNotice :exec
-- RewriteNotice replaces the bytes of a mail by those about fewer events.
update mail_out set raw = @raw, subject = @subject, tickets = @tickets, events = @events where id = @id;
