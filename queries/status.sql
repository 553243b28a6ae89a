-- name: TriageTicket :one
-- TriageTicket changes status, priority and category. Resolved and closed tickets do not
-- wait for an answer.
update tickets
set status = @status::ticket_status, priority = @priority, category_id = @category_id,
    version = version + 1, updated_at = @now,
    waiting_since = case when @status::ticket_status in ('RESOLVED', 'CLOSED') then null else waiting_since end
where id = @ticket_id
returning version;

-- name: StopWaiting :exec
-- StopWaiting marks a locked ticket as not waiting: the requester has written on a finished
-- ticket and wants no answer.
update tickets set waiting_since = null where id = @ticket_id;
