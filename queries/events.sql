-- name: NextSeq :one
-- Takes the ticket's next place in its log, under the row lock that orders the commits.
update tickets set last_seq = last_seq + 1 where id = @ticket_id returning last_seq;

-- name: InsertEvent :exec
insert into ticket_events (ticket_id, seq, kind, author_id, body, data, submission_id, submission_hash, created_at)
values (@ticket_id, @seq, @kind, @author_id, @body, @data, @submission_id, @submission_hash, @created_at);

-- name: AddUnread :exec
-- One more public line for everybody who has read this ticket before, its author apart.
update ticket_reads set unread = unread + 1 where ticket_id = @ticket_id and user_id <> @author_id;
