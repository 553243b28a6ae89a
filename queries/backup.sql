-- name: BackupTotals :one
-- BackupTotals returns the number and the size of the files that are not removed.
select count(*) as files, coalesce(sum(size), 0)::bigint as bytes from attachments where removed_at is null;

-- name: BackupFiles :many
-- BackupFiles returns attachments in the order of their ids. needed is false for a file that
-- was removed from its ticket: its bytes are deleted some time later.
select id, name, size, sha256, (removed_at is null)::boolean as needed from attachments where id > @after order by id limit @max;

-- name: EndRestoredMails :exec
-- EndRestoredMails marks the mails of a restored desk that were not sent as failed, and removes what
-- would make or send others: the desk that was backed up may have sent them since, or still runs.
with waiting as (
    delete from mail_waiting
), events as (
    delete from outbox_queue where consumer = 'mail'
), jobs as (
    delete from river_job
), ended as (
    update mail_out set state = 'failed', finished_at = now(), lease_until = null, dotted_at = null, last_text = @reason
    where state in ('queued', 'deferred', 'sending') returning id
)
update mail_rcpt r set state = 'failed', updated_at = now() from ended e where r.mail_out_id = e.id and r.state = 'queued';
