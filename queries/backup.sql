-- name: BackupTotals :one
-- BackupTotals returns the number and the size of the files that are not removed.
select count(*) as files, coalesce(sum(size), 0)::bigint as bytes from attachments where removed_at is null;

-- name: BackupFiles :many
-- BackupFiles returns attachments in the order of their ids. needed is false for a file that
-- was removed from its ticket: its bytes are deleted some time later.
select id, name, size, sha256, (removed_at is null)::boolean as needed from attachments where id > @after order by id limit @max;
