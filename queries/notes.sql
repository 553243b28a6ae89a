-- name: ClaimNoteFiles :many
-- ClaimNoteFiles moves the files staged for a form to its note. Unlike ClaimFiles it does not
-- count them, because the requester sees the number. It also returns the files of the form that another ticket has.
with claimed as (
    update attachments a set ticket_id = @ticket_id::bigint, seq = @seq::bigint
    where a.user_id = @user_id and a.submission_id = @submission_id::text and a.ticket_id is null
    returning a.*
)
select c.* from claimed c
union all
select a.* from attachments a
where a.user_id = @user_id and a.submission_id = @submission_id::text and a.ticket_id <> @ticket_id::bigint
order by id;

-- name: DeleteNote :one
-- DeleteNote removes the text and the files of a note that its author wrote after a time. The
-- event stays. It returns no rows if there is no such note.
with deleted as (
    update ticket_events e set body = '', data = '{"deleted": true}'
    where e.ticket_id = @ticket_id and e.seq = @seq and e.kind = 'note' and e.author_id = @author_id
      and e.created_at > @since::timestamptz and not e.data ? 'deleted'
    returning e.ticket_id, e.seq
), files as (
    update attachments a set removed_at = @now::timestamptz from deleted d
    where a.ticket_id = d.ticket_id and a.seq = d.seq and a.removed_at is null
)
select d.seq from deleted d;

-- name: ListDeletedNotes :many
-- ListDeletedNotes returns the seqs of the notes whose text was deleted, among the last entries of
-- a ticket up to a seq.
select e.seq from (
    select seq, kind, data from ticket_events where ticket_id = @ticket_id and seq <= @upto::bigint order by seq desc limit @max
) e
where e.kind = 'note' and e.data ? 'deleted'
order by e.seq;

-- name: GetNote :one
-- GetNote returns who wrote a note, when, and whether its text is deleted.
select e.author_id, e.created_at, (e.data ? 'deleted')::boolean as deleted from ticket_events e
where e.ticket_id = @ticket_id and e.seq = @seq and e.kind = 'note';

-- name: WakeNoteDeleted :exec
-- WakeNoteDeleted sends a message to the replicas, so that open pages remove the text of a note.
select wake_replicas('d ' || @ticket_id::bigint || ' ' || @seq::bigint);
