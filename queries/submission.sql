-- name: SubmissionFiles :many
-- SubmissionFiles returns every file that was sent with the key of a form, whether or not
-- its entry is written.
select * from attachments where user_id = @user_id and submission_id = @submission_id order by id;

-- name: ClaimFiles :many
-- ClaimFiles moves the files staged for a form to its entry and updates the file count of
-- the ticket. It also returns the files of the form that another ticket has.
with claimed as (
    update attachments a set ticket_id = @ticket_id::bigint, seq = @seq::bigint
    where a.user_id = @user_id and a.submission_id = @submission_id::text and a.ticket_id is null
    returning a.*
), counted as (
    update tickets t set file_count = t.file_count + (select count(*) from claimed)
    where t.id = @ticket_id::bigint and exists (select from claimed)
)
select c.* from claimed c
union all
select a.* from attachments a
where a.user_id = @user_id and a.submission_id = @submission_id::text and a.ticket_id <> @ticket_id::bigint
order by id;

-- name: LastTicketOf :one
select coalesce(max(id), 0)::bigint from tickets where requester_id = @requester_id and deleted_at is null;
