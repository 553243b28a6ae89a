-- name: SetEnvironmentMailbox :exec
-- SetEnvironmentMailbox adds or changes the mailbox of SMTP_URL. It is not paused any more, because
-- the program was started again, perhaps with another password.
insert into mailboxes (is_environment, address, from_name, is_default) values (true, @address, @from_name, not exists (select from mailboxes b where b.is_default and b.removed_at is null and not b.is_environment))
on conflict (is_environment) where is_environment do update set address = excluded.address, from_name = excluded.from_name, is_default = excluded.is_default,
    removed_at = null, state = 'ok', paused_reason = '';

-- name: RemoveEnvironmentMailbox :exec
update mailboxes set removed_at = now(), is_default = false where is_environment and removed_at is null;

-- name: UsableMailboxes :many
-- UsableMailboxes returns the mailboxes from which mail can be sent, the default one first. failed is
-- true if an error of the mailbox itself has paused it, and not an admin.
select id, is_environment, address, name, from_name, signature, outbound, rate_per_minute, state, paused_reason, is_default,
       (state = 'paused' and paused_reason = last_error)::boolean as failed
from mailboxes where removed_at is null and (outbound is not null or is_environment) order by is_default desc, id;

-- name: PauseMailbox :execrows
-- PauseMailbox stops sending from a mailbox until an admin resumes it.
update mailboxes set state = 'paused', paused_reason = @reason, last_error = @reason, last_error_at = @now::timestamptz
where id = @id and state = 'ok';

-- name: ResumeMailbox :execrows
update mailboxes set state = 'ok', paused_reason = '' where id = @id and removed_at is null;

-- name: NoteMailboxWorks :exec
update mailboxes set last_ok_at = @now::timestamptz where id = @id;

-- name: NoteMailboxError :exec
-- NoteMailboxError stores the last error of a mailbox. It is also the reason of a pause after an error.
update mailboxes set last_error = @error, last_error_at = @now::timestamptz,
    paused_reason = case when state = 'paused' and paused_reason = last_error then @error else paused_reason end
where id = @id;

-- name: UnregisterMail :exec
-- UnregisterMail ends the queueing of events for the consumer of mail, and removes those that are queued
-- or wait to be mailed together.
with queue as (delete from outbox_queue where consumer = 'mail'), waiting as (delete from mail_waiting)
delete from outbox_consumers where name = 'mail';

-- name: ListMailboxes :many
-- ListMailboxes returns the mailboxes with the number of mails that wait in each, at most 1,000. The
-- default one is first.
select b.id, b.is_environment, b.address, b.from_name, b.signature, b.outbound, b.rate_per_minute, b.state, b.paused_reason, b.last_ok_at,
       b.last_error, b.last_error_at, b.is_default, b.version,
       (select count(*) from (select from mail_out o where o.mailbox_id = b.id and o.state in ('queued', 'deferred') limit 1000) w) as waiting
from mailboxes b where b.removed_at is null and (sqlc.narg('id')::bigint is null or b.id = sqlc.narg('id'))
order by b.is_default desc, b.id;

-- name: AddMailbox :one
-- AddMailbox adds a mailbox. The first one is the default one.
insert into mailboxes (address, from_name, signature, outbound, rate_per_minute, is_default)
values (@address, @from_name, @signature, @outbound, @rate, not exists (select from mailboxes b where b.is_default and b.removed_at is null))
returning id;

-- name: UpdateMailbox :execrows
-- UpdateMailbox changes no row if the mailbox has another version.
update mailboxes set address = @address, from_name = @from_name, signature = @signature, outbound = @outbound, rate_per_minute = @rate, version = version + 1
where id = @id and version = @version and removed_at is null;

-- name: ClearDefaultMailbox :exec
update mailboxes set is_default = false where is_default and removed_at is null and id <> @id;

-- name: SetDefaultMailbox :exec
-- SetDefaultMailbox makes a mailbox the default one, or for 0 the oldest, unless there is a default one.
update mailboxes b set is_default = true
where b.id = (select m.id from mailboxes m where m.removed_at is null order by m.id = @id::bigint desc, m.is_environment desc, m.id limit 1)
  and not exists (select from mailboxes d where d.is_default and d.removed_at is null);

-- name: RemoveMailbox :execrows
-- RemoveMailbox removes a mailbox and its password. Its mails stay in the list, and those that wait fail.
with removed as (
    update mailboxes set removed_at = @now::timestamptz, outbound = null, is_default = false where mailboxes.id = @id and removed_at is null and not is_environment returning mailboxes.id
), ended as (
    update mail_out o set state = 'failed', finished_at = @now, last_text = 'its mailbox was deleted' from removed r
    where o.mailbox_id = r.id and o.state in ('queued', 'deferred') returning o.id
), recipients as (
    update mail_rcpt c set state = 'failed', updated_at = @now from ended e where c.mail_out_id = e.id and c.state = 'queued'
)
select r.id from removed r;

-- name: AddMailboxJobs :many
-- AddMailboxJobs counts another job for mails of a mailbox that are due. Mails beyond max get theirs
-- from DueMailJobs.
with due as (
    select o.id from mail_out o where o.mailbox_id = @mailbox_id and o.state in ('queued', 'deferred') and o.next_at <= @now order by o.next_at limit @max for update
)
update mail_out o set job = o.job + 1, job_at = @now from due d where o.id = d.id
returning o.id, o.job;

-- name: PauseMailboxByHand :exec
update mailboxes set state = 'paused', paused_reason = @reason where id = @id and state = 'ok';
