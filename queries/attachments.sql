-- name: LockForms :exec
-- LockForms makes a user's files be staged one at a time, so that they can be counted.
select pg_advisory_xact_lock(hashtextextended('forms of ' || @user_id::bigint, 0));

-- name: CountStaged :one
select count(*) from attachments where user_id = @user_id and ticket_id is null;

-- name: StageFile :one
-- StageFile returns no rows if the form has the same file already.
insert into attachments (name, user_id, submission_id, filename, content_type, charset, size, sha256, created_at)
values (@name, @user_id, @submission_id, @filename, @content_type, @charset, @size, @sha256, @now)
on conflict on constraint attachments_submission_key do nothing
returning *;

-- name: StagedFiles :many
select * from attachments
where user_id = @user_id and submission_id = @submission_id and ticket_id is null
order by id;

-- name: UnstageFile :one
delete from attachments where name = @name and user_id = @user_id and ticket_id is null returning name;

-- name: MoveStagedFiles :exec
-- MoveStagedFiles moves the files of a form whose key is used up to its new key.
update attachments set submission_id = @new_id
where user_id = @user_id and submission_id = @old_id and ticket_id is null;

-- name: FindFile :one
-- FindFile returns a file if the user may read its ticket, and sees the entry that has it; a
-- staged file only for the user who staged it.
select a.* from attachments a
left join tickets t on t.id = a.ticket_id
left join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
where a.name = @name and a.removed_at is null
  and case when a.ticket_id is null then a.user_id = @viewer::bigint
           else t.deleted_at is null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id)
                and (not e.internal or on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id)) end;

-- name: PresentFiles :many
-- PresentFiles returns the files of the ticket that the user may remove: those of the ticket
-- itself and of comments; files of other users only for staff. Files of internal entries are
-- removed with these.
select a.* from attachments a
where a.ticket_id = @ticket_id::bigint and a.removed_at is null and (@is_staff::boolean or a.user_id = @viewer::bigint)
  and not exists (select from ticket_events e where e.ticket_id = a.ticket_id and e.seq = a.seq and e.internal)
order by a.id;

-- name: RemoveFile :one
-- RemoveFile marks a file as removed, see PresentFiles.
with removed as (
    update attachments a set removed_at = @now::timestamptz
    where a.ticket_id = @ticket_id::bigint and a.name = @name and a.removed_at is null
      and (@is_staff::boolean or a.user_id = @viewer::bigint)
      and not exists (select from ticket_events e where e.ticket_id = a.ticket_id and e.seq = a.seq and e.internal)
    returning a.*
), counted as (
    update tickets t set file_count = t.file_count - 1 where t.id = @ticket_id::bigint and exists (select from removed)
)
select filename from removed;
