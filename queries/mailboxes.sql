-- name: SetEnvironmentMailbox :exec
-- SetEnvironmentMailbox adds or changes the mailbox of SMTP_URL. It is not paused any more, because
-- the program was started again, perhaps with another password.
insert into mailboxes (is_environment, address, from_name, is_default) values (true, @address, @from_name, not exists (select from mailboxes b where b.is_default and b.removed_at is null and not b.is_environment))
on conflict (is_environment) where is_environment do update set address = excluded.address, from_name = excluded.from_name, is_default = excluded.is_default,
    removed_at = null, state = 'ok', paused_reason = '';

-- name: RemoveEnvironmentMailbox :exec
update mailboxes set removed_at = now(), is_default = false where is_environment and removed_at is null;

-- name: UsableMailboxes :many
-- UsableMailboxes returns the mailboxes from which mail can be sent, the default one first.
select id, is_environment, address, name, from_name, signature, outbound, rate_per_minute, state, paused_reason, is_default
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
update mailboxes set last_error = @error, last_error_at = @now::timestamptz where id = @id;

-- name: UnregisterMail :exec
-- UnregisterMail ends the queueing of events for the consumer of mail, and removes those that are queued.
with queue as (delete from outbox_queue where consumer = 'mail')
delete from outbox_consumers where name = 'mail';
