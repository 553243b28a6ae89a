-- name: AddMail :one
-- AddMail adds a mail with its recipient, unless there is one about the same event for the same
-- user. Then it returns no row. A mail that is due at once has its first job, which the caller adds;
-- the others have 0.
with added as (
    insert into mail_out (mailbox_id, kind, ticket_id, seq, user_id, email, tickets, events, message_id, subject, raw, state, job, job_at, next_at, expires_at, last_text, created_at, finished_at)
    values (@mailbox_id, @kind, sqlc.narg('ticket_id'), sqlc.narg('seq'), sqlc.narg('user_id'), @email, coalesce(@tickets::bigint[], '{}'), sqlc.narg('events'), @message_id, @subject, sqlc.narg('raw'), @state, (@next_at::timestamptz <= @now::timestamptz)::int, @now, @next_at, @expires_at, @problem, @now,
            case when @state::mail_state = 'failed' then @now::timestamptz end)
    on conflict do nothing
    returning id, job
), rcpt as (
    insert into mail_rcpt (mail_out_id, addr, state, text, updated_at)
    select a.id, @addr, case when @state::mail_state = 'failed' then 'failed' else 'queued' end::mail_rcpt_state, @problem, @now from added a
)
select id, job from added;

-- name: PeekMail :one
-- PeekMail returns what decides whether a mail can be sent now.
select o.state, o.next_at, o.expires_at, o.mailbox_id, o.last_text, (o.events is not null)::boolean as has_events, b.state as mailbox_state, (b.removed_at is not null)::boolean as removed,
    coalesce(must_readdress(o.kind, o.email, u.email) and u.disabled_at is null, false)::boolean as moved
from mail_out o join mailboxes b on b.id = o.mailbox_id left join users u on u.id = o.user_id
where o.id = @id;

-- name: MovedMail :one
-- MovedMail returns a mail about tickets that is due, with the present address of its user, if that is
-- another one than when the mail was written. It locks the mail.
select u.email, u.username, o.raw from mail_out o join users u on u.id = o.user_id
where o.id = @id and o.state in ('queued', 'deferred') and o.next_at <= @now and o.raw is not null
  and must_readdress(o.kind, o.email, u.email) and u.disabled_at is null
for update of o;

-- name: ReaddressMail :exec
-- ReaddressMail sends a mail that waits to another address.
with moved as (update mail_out set email = @email, raw = @raw where id = @id returning id)
update mail_rcpt r set addr = @addr, updated_at = now() from moved m where r.mail_out_id = m.id and r.state = 'queued';

-- name: ClaimMail :one
-- ClaimMail claims a mail that is due, for some seconds. A mail is skipped instead if its user must
-- not or need not get it any more, and fails if there is no address to send it to. It returns no row
-- for a mail with events of a ticket that its user may not read any more, and for one about tickets
-- whose user has another address now: they must be written again.
with mail as materialized (
    select o.id, o.kind, o.user_id, o.email, o.ticket_id, o.seq, o.tickets, o.events
    from mail_out o where o.id = @id and o.state in ('queued', 'deferred') and o.next_at <= @now for update
), judged as (
    select m.id, coalesce(u.disabled_at is null and (m.events is not null and h.hidden or must_readdress(m.kind, m.email, u.email)), false) as outdated, case
        when m.user_id is null then null
        when u.id is null or u.disabled_at is not null then 'the account is disabled'
        when u.email = '' then null
        when m.email not in ('', u.email) and m.kind not in ('verify', 'address_change') then 'the account has another address now'
        when m.ticket_id is not null and (t.id is null or t.deleted_at is not null) then 'the ticket was deleted'
        when m.ticket_id is not null and not may_read(reach_of(u.role, u.permissions), u.id, t.requester_id, t.team_id) then 'the account may not read the ticket any more'
        when h.hidden then 'the account may not read all of the tickets any more'
        when m.kind in ('answer', 'status') and not wants_mail(u.mail_prefs, m.kind::text) then 'the user does not want such mails any more'
        when m.kind in ('answer', 'status') and r.seq >= m.seq then 'read on the page'
        end as unwanted, case
        when u.email = '' then 'the account has no address'
        when not exists (select from mail_rcpt x where x.mail_out_id = m.id and x.state = 'queued') then 'no recipient is left'
        end as impossible
    from mail m
    left join users u on u.id = m.user_id
    left join tickets t on t.id = m.ticket_id
    left join ticket_reads r on r.ticket_id = m.ticket_id and r.user_id = m.user_id
    cross join lateral (select exists (select from unnest(m.tickets) x(id) left join tickets y on y.id = x.id and y.deleted_at is null
        where y.id is null or not may_read(reach_of(u.role, u.permissions), u.id, y.requester_id, y.team_id)) as hidden) h
), ended as (
    update mail_rcpt x set state = 'failed', updated_at = @now from judged j where x.mail_out_id = j.id and x.state = 'queued' and j.unwanted is null and j.impossible is not null and not j.outdated
)
update mail_out o set
    state = case when j.unwanted is not null then 'skipped' when j.impossible is not null then 'failed' else 'sending' end::mail_state,
    attempts = o.attempts + case when j.unwanted is null and j.impossible is null then 1 else 0 end,
    lease_until = case when j.unwanted is null and j.impossible is null then now() + interval '1 second' * @lease_seconds::float8 end,
    dotted_at = null,
    last_text = coalesce(j.unwanted, j.impossible, o.last_text),
    finished_at = case when coalesce(j.unwanted, j.impossible) is not null then @now::timestamptz end
from judged j where o.id = j.id and not j.outdated
returning o.state, o.attempts, o.raw, o.created_at, o.expires_at, o.doubled, o.kind, o.message_id,
    array(select x.addr from mail_rcpt x where x.mail_out_id = o.id and x.state = 'queued' order by x.addr)::text[] as recipients;

-- name: HoldMail :execrows
-- HoldMail extends the claim on a mail, unless it has run out.
update mail_out set lease_until = now() + interval '1 second' * @lease_seconds::float8
where id = @id and attempts = @attempts and state = 'sending' and lease_until > now();

-- name: MarkMailEnd :execrows
-- MarkMailEnd records that the end of the data is about to be sent, unless the claim has run out.
update mail_out set dotted_at = now(), lease_until = now() + interval '1 second' * @lease_seconds::float8
where id = @id and attempts = @attempts and state = 'sending' and lease_until > now();

-- name: FinishMail :one
-- FinishMail records how an attempt ended, and the state of each recipient. It returns false if the
-- claim was taken over. The bytes of a sent mail with the token of a link are removed at once.
with done as (
    update mail_out o set state = @state, next_at = @next_at, lease_until = null, dotted_at = null, doubled = @doubled,
        raw = case when @state::mail_state = 'sent' and has_token(o.kind) then null else o.raw end,
        last_code = @code, last_enhanced = @enhanced, last_text = @text, remote_queue_id = @queue_id,
        sent_at = case when @state::mail_state = 'sent' then @now::timestamptz end,
        finished_at = case when @state::mail_state in ('sent', 'failed') then @now::timestamptz end
    where o.id = @id and o.attempts = @attempts and o.state = 'sending'
    returning o.id
), recipients as (
    update mail_rcpt r set state = x.state::mail_rcpt_state, code = x.code, text = x.text, updated_at = @now
    from done d, rows from (unnest((select @addrs::text[])), unnest((select @states::text[])), unnest((select @codes::int[])), unnest((select @texts::text[]))) as x(addr, state, code, text)
    where r.mail_out_id = d.id and r.addr = x.addr
)
select exists (select from done)::boolean as ours;

-- name: PostponeMail :exec
-- PostponeMail sets the time before which a mail that is due is not tried, without counting an attempt.
-- Another job may have deferred the mail for longer.
update mail_out set next_at = @next_at where id = @id and state in ('queued', 'deferred') and next_at <= @now;

-- name: GiveUpMail :exec
-- GiveUpMail ends the attempts for a mail.
with ended as (
    update mail_out set state = 'failed', finished_at = @now, last_text = @text where id = @id and state in ('queued', 'deferred') returning id
)
update mail_rcpt r set state = 'failed', updated_at = @now from ended e where r.mail_out_id = e.id and r.state = 'queued';

-- name: RecoverMail :many
-- RecoverMail takes back mails whose claim has run out, because their process ended. If the end of
-- the data may have been sent, the mail is tried once more and marked as possibly doubled; the
-- second time it fails.
with lost as (
    select id from mail_out where state = 'sending' and lease_until < now() order by lease_until limit @max for update skip locked
), taken as (
    update mail_out o set
        state = case when o.dotted_at is not null and o.doubled then 'failed' else 'queued' end::mail_state,
        doubled = o.doubled or o.dotted_at is not null,
        last_text = case when o.dotted_at is not null then 'the connection ended before the server answered, so the message may have arrived' else o.last_text end,
        finished_at = case when o.dotted_at is not null and o.doubled then @now::timestamptz end,
        next_at = @now, lease_until = null, dotted_at = null, job = o.job + 1, job_at = @now
    from lost l where o.id = l.id
    returning o.id, o.job, o.state
)
select id, job, state from taken where state = 'queued';

-- name: NextMailDue :one
-- NextMailDue returns the time of the next mail that DueMailJobs is for, which may have passed.
select o.next_at from mail_out o join mailboxes b on b.id = o.mailbox_id and (b.state = 'ok' or b.removed_at is not null)
where o.state in ('queued', 'deferred') and (o.job_at < o.next_at or o.next_at < @overdue and o.job_at < @overdue)
order by o.next_at limit 1;

-- name: DueMailJobs :many
-- DueMailJobs counts another job for mails whose time has come since they got their last one, and for
-- those that are overdue: their job was lost, or ended while the mailbox was paused. A mail of a paused
-- mailbox waits for it; one of a mailbox that was removed fails in its job.
with due as (
    select o.id from mail_out o join mailboxes b on b.id = o.mailbox_id and (b.state = 'ok' or b.removed_at is not null)
    where o.state in ('queued', 'deferred') and o.next_at <= @now and (o.job_at < o.next_at or o.next_at < @overdue and o.job_at < @overdue)
    order by o.next_at limit @max for update of o skip locked
)
update mail_out o set job = o.job + 1, job_at = @now from due d where o.id = d.id
returning o.id, o.job;

-- name: SweepMail :execrows
-- SweepMail removes the bytes of a limited number of mails that ended before a time.
update mail_out set raw = null where id = any(array(select o.id from mail_out o where o.raw is not null and o.finished_at < @before::timestamptz order by o.finished_at limit @max for update skip locked));

-- name: MailEvents :many
-- MailEvents returns what mails say about events of tickets that are not in the trash. then_status is
-- the status to which the author of a comment set the ticket with it; with_comment is true for the
-- change of status itself, which needs no mail of its own if the comment has one.
select e.ticket_id, e.seq, e.kind, e.author_id, coalesce(e.side, side_of(e.author_id, t.requester_id))::event_side as side, a.username as author, e.data, e.internal, e.created_at,
       (case when e.kind = 'opened' then t.description else e.body end)::text as body,
       t.subject, t.requester_id, r.username as requester, r.email, (r.disabled_at is not null)::boolean as disabled, (r.password_hash = '')::boolean as no_password, r.mail_prefs,
       coalesce((select s.data ->> 'to' from ticket_events s where e.kind = 'comment' and s.ticket_id = e.ticket_id and s.seq > e.seq and s.seq <= e.seq + 3
            and s.kind = 'status' and (s.data ->> 'reply')::bigint = e.seq order by s.seq limit 1), '')::text as then_status,
       (e.kind = 'status' and e.data ? 'reply')::boolean as with_comment
from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[]))) as x(ticket_id, seq)
join ticket_events e on e.ticket_id = x.ticket_id and e.seq = x.seq
join tickets t on t.id = e.ticket_id and t.deleted_at is null
join users a on a.id = e.author_id
join users r on r.id = t.requester_id
order by e.ticket_id, e.seq;

-- name: MailFiles :many
-- MailFiles returns the files of public events.
select f.ticket_id::bigint as ticket_id, f.seq::bigint as seq, f.name, f.filename, f.content_type, f.size
from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[]))) as x(ticket_id, seq)
join attachments f on f.ticket_id = x.ticket_id and f.seq = x.seq and f.removed_at is null
join ticket_events e on e.ticket_id = f.ticket_id and e.seq = f.seq and not e.internal
order by f.id;

-- name: MailThread :many
-- MailThread returns the ids of the newest mails about a ticket to a user, the newest first.
select message_id from mail_out where ticket_id = @ticket_id and user_id = @user_id and state not in ('cancelled', 'skipped') order by id desc limit 5;

-- name: AddWaitingMessages :exec
-- AddWaitingMessages stores chat messages for a mail to their tickets' requesters.
insert into mail_waiting (user_id, ticket_id, seq, reason, at, due_at)
select x.user_id, x.ticket_id, x.seq, 'message', x.at, x.at + interval '1 second' * @wait_seconds::float8
from rows from (unnest((select @users::bigint[])), unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[])), unnest((select @times::timestamptz[]))) as x(user_id, ticket_id, seq, at)
on conflict do nothing;

-- name: DueConversations :many
-- DueConversations returns requesters with chat messages after which the chat has been quiet since a
-- time, or which are older than another.
select w.ticket_id, w.user_id from mail_waiting w
where w.reason = 'message' and w.due_at <= @now
group by w.ticket_id, w.user_id
having (select max(o.at) from mail_waiting o where o.ticket_id = w.ticket_id and o.user_id = w.user_id and o.reason = 'message') <= @quiet_since::timestamptz
    or min(w.at) <= @longest_since::timestamptz
limit 100;

-- name: TakeConversation :many
-- TakeConversation removes the chat messages of a ticket that wait for a mail, and returns their seqs.
delete from mail_waiting where (user_id, ticket_id, seq) in (
    select w.user_id, w.ticket_id, w.seq from mail_waiting w
    where w.user_id = @user_id and w.ticket_id = @ticket_id and w.reason = 'message' for update skip locked)
returning seq;

-- name: SkipMail :exec
-- SkipMail ends a mail that is not needed any more.
update mail_out set state = 'skipped', finished_at = @now::timestamptz, last_text = @text where id = @id and state in ('queued', 'deferred');

-- name: MailWithFiles :one
-- MailWithFiles returns a failed mail about one event that may have attached files, and locks it.
select o.mailbox_id, o.ticket_id::bigint as ticket_id, o.seq::bigint as seq, o.message_id, length(o.raw)::int as size
from mail_out o
where o.id = @id and o.state = 'failed' and o.kind = 'answer' and o.ticket_id is not null and o.seq is not null and o.raw is not null
for update;

-- name: ReplaceMail :one
-- ReplaceMail replaces the bytes of a failed mail, which no server has accepted, and queues it again.
with queued as (
    update mail_out set raw = @raw, state = 'queued', next_at = @now, job = job + 1, job_at = @now, finished_at = null where id = @id and state = 'failed' returning id, job
), recipients as (
    update mail_rcpt r set state = 'queued', updated_at = @now from queued q where r.mail_out_id = q.id
)
select job from queued;

-- name: WithdrawInvitationMail :exec
-- WithdrawInvitationMail withdraws the mails with a link of an invitation that wait. They cannot be sent again, because
-- the link is not valid any more.
update mail_out set state = 'cancelled', finished_at = @now::timestamptz, expires_at = @now, last_text = 'the link is not valid any more'
where state in ('queued', 'deferred') and kind = 'invitation' and email = @email;
