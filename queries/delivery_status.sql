-- name: DeliveryStatuses :many
-- DeliveryStatuses returns the mails to requesters about events of a ticket.
select o.id, o.seq::bigint as seq, o.state, o.attempts, o.next_at, o.sent_at, o.last_text, o.doubled, o.created_at, (o.raw is not null and b.removed_at is null)::boolean as has_raw,
       coalesce((select min(r.addr) from mail_rcpt r where r.mail_out_id = o.id), '')::text as addr, (b.state = 'paused')::boolean as paused
from mail_out o join mailboxes b on b.id = o.mailbox_id
where o.ticket_id = @ticket_id::bigint and o.seq between @first::bigint and @last::bigint and o.kind in ('answer', 'status')
order by o.id;

-- name: WaitingConversation :many
-- WaitingConversation returns the newest of the chat messages of a ticket that will be in one mail to its
-- requester, unless they are read before: no row if there are none.
select max(w.seq)::bigint as seq, max(w.at)::timestamptz as newest, min(w.at)::timestamptz as oldest, u.email
from mail_waiting w join users u on u.id = w.user_id
where w.ticket_id = @ticket_id and w.reason = 'message'
  and w.seq > coalesce((select r.seq from ticket_reads r where r.ticket_id = w.ticket_id and r.user_id = w.user_id), 0)
group by u.id
having max(w.seq) between @first::bigint and @last::bigint;

-- name: WithdrawMail :execrows
-- WithdrawMail withdraws a mail that is not being sent and was not sent.
update mail_out set state = 'cancelled', finished_at = @now::timestamptz, last_text = @text where id = @id and state in ('queued', 'deferred');

-- name: RetryMail :one
-- RetryMail makes a mail due that waits, has failed, or was withdrawn, and counts another job for it.
-- It returns no row for other mails, for those whose bytes or mailbox were removed, and for those whose link has expired.
with mail as (
    update mail_out o set state = case when o.state = 'deferred' then o.state else 'queued' end, next_at = @now,
        expires_at = case when has_token(o.kind) then o.expires_at else @expires_at end,
        finished_at = null, job = o.job + 1, job_at = @now
    where o.id = @id and o.state in ('deferred', 'failed', 'cancelled') and o.raw is not null
      and exists (select from mailboxes b where b.id = o.mailbox_id and b.removed_at is null)
      and (not has_token(o.kind) or o.expires_at > @now)
    returning o.id, o.job
), recipients as (
    update mail_rcpt r set state = 'queued', updated_at = @now from mail m where r.mail_out_id = m.id and r.state = 'failed'
)
select id, job from mail;

-- name: ListMail :many
-- ListMail returns mails before an id that the viewer may see, the newest first.
select o.id, o.kind, coalesce(o.ticket_id, 0)::bigint as ticket_id, o.state, o.next_at, o.sent_at, o.last_text, o.doubled, o.created_at, o.subject, (o.raw is not null and b.removed_at is null and (not has_token(o.kind) or o.expires_at > now()))::boolean as has_raw,
       coalesce((select min(r.addr) from mail_rcpt r where r.mail_out_id = o.id), '')::text as addr, (b.state = 'paused')::boolean as paused
from mail_out o join mailboxes b on b.id = o.mailbox_id left join tickets t on t.id = o.ticket_id
where o.id < @before::bigint and o.id > @after::bigint
  and (@state::text = '' or o.state = nullif(@state, '')::mail_state)
  and may_see_mail(@reach, @viewer, t.requester_id, t.team_id, o.tickets)
order by o.id desc limit @max;

-- name: FindMail :many
-- FindMail is ListMail for the mails to an address. It is a query of its own so that it reads only these,
-- by mail_rcpt_addr_idx.
select o.id, o.kind, coalesce(o.ticket_id, 0)::bigint as ticket_id, o.state, o.next_at, o.sent_at, o.last_text, o.doubled, o.created_at, o.subject, (o.raw is not null and b.removed_at is null and (not has_token(o.kind) or o.expires_at > now()))::boolean as has_raw,
       coalesce((select min(r.addr) from mail_rcpt r where r.mail_out_id = o.id), '')::text as addr, (b.state = 'paused')::boolean as paused
from mail_rcpt c join mail_out o on o.id = c.mail_out_id join mailboxes b on b.id = o.mailbox_id left join tickets t on t.id = o.ticket_id
where lower(c.addr) = lower(@email) and c.mail_out_id < @before::bigint
  and (@state::text = '' or o.state = nullif(@state, '')::mail_state)
  and may_see_mail(@reach, @viewer, t.requester_id, t.team_id, o.tickets)
order by c.mail_out_id desc limit @max;

-- name: ShowMail :one
-- ShowMail returns all fields of a mail that the viewer may see.
select o.id, o.kind, coalesce(o.ticket_id, 0)::bigint as ticket_id, o.tickets, o.state, o.next_at, o.sent_at, o.last_text, o.doubled, o.created_at, o.subject, (o.raw is not null)::boolean as has_raw,
       coalesce((select min(r.addr) from mail_rcpt r where r.mail_out_id = o.id), '')::text as addr, (b.state = 'paused')::boolean as paused,
       b.id as mailbox_id, b.address as mailbox, (b.removed_at is not null)::boolean as mailbox_removed, o.attempts, o.expires_at, o.finished_at, o.message_id, o.remote_queue_id,
       coalesce(case when o.kind in ('answer', 'status', 'notice') then o.raw end, '')::bytea as raw
from mail_out o join mailboxes b on b.id = o.mailbox_id left join tickets t on t.id = o.ticket_id
where o.id = @id
  and may_see_mail(@reach, @viewer, t.requester_id, t.team_id, o.tickets);

-- name: MailRecipients :many
-- MailRecipients returns the recipients of a mail with the last answer of its server about each.
select addr, role, state, code, text, updated_at from mail_rcpt where mail_out_id = @id order by addr;
