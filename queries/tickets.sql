-- name: GetTicket :one
-- GetTicket returns the ticket as its page shows it. It returns no rows if the viewer may
-- not read the ticket. last_seq is the last event that the viewer sees.
select t.id, t.requester_id, u.username as requester_name, u.email as requester_email,
       t.subject, t.description, t.category_id, c.name as category, t.priority, t.status,
       t.version, (case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then t.last_seq
                        else public_seq(t.last_seq, t.internal_seq, t.public_seq_before) end)::bigint as last_seq,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       -- Who works on the ticket, for staff only; 0 and '' for others.
       coalesce(case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then t.assignee_id end, 0)::bigint as assignee_id,
       coalesce(case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then (select a.username from users a where a.id = t.assignee_id) end, '')::text as assignee,
       coalesce(case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then (select a.away_until from users a where a.id = t.assignee_id) end, '0001-01-01 00:00:00Z')::timestamptz as away_until,
       coalesce(case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then t.team_id end, 0)::bigint as team_id,
       coalesce(case when on_staff_side(@is_staff::boolean, @viewer::bigint, t.requester_id) then (select g.name from teams g where g.id = t.team_id) end, '')::text as team
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.id = @id and t.deleted_at is null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id);

-- name: LockTicket :one
-- LockTicket locks the ticket's row, so that the next entry of its log is written by this
-- transaction. It does not wait for a delivery of the outbox, which holds a key share lock.
select requester_id, team_id from tickets
where id = @id and deleted_at is null and may_read(@reach::text, @viewer::bigint, requester_id, team_id)
for no key update;

-- name: HoldTeam :one
-- HoldTeam reports whether the viewer may still read the tickets of a team, and locks that
-- until the transaction ends (see the function holds_team in the migrations).
select holds_team(@reach::text, @viewer::bigint, @team_id::bigint)::boolean;

-- name: InsertTicket :one
-- InsertTicket returns no rows if the same form made a ticket before. waits is whether the
-- requester waits for an answer. The requester has read nothing yet, so that their list marks the entries of
-- others also before they open the ticket.
with ticket as (
    insert into tickets (requester_id, subject, description, category_id, priority, waiting_since,
                         submission_id, submission_hash, created_at, updated_at)
    values (@requester_id, @subject, @description, @category_id, @priority, case when @waits::boolean then @now::timestamptz end,
            @submission_id, @submission_hash, @now::timestamptz, @now::timestamptz)
    on conflict on constraint tickets_submission_key do nothing
    returning id, requester_id
), unread as (
    insert into ticket_reads (ticket_id, user_id, seq, unread) select t.id, t.requester_id, 0, 0 from ticket t
)
select id from ticket;

-- name: GetSentTicket :one
-- GetSentTicket returns the ticket that the same form made when it was sent before. It locks the
-- row, so that the commit of the transaction waits for a synchronous standby: the first commit may
-- have been cancelled while it waited, and is then on the primary alone.
select id, submission_hash from tickets where requester_id = @requester_id and submission_id = @submission_id for key share;

-- name: LockForm :exec
-- LockForm locks the key of an author's form until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(@author_id::bigint || ' ' || @submission_id::text, 0));

-- name: IsSentForAnother :one
-- IsSentForAnother reports whether the same form of a member of staff made a ticket for another requester: their own has
-- the key of the form, and the others have the number of its author before it (migration 00057).
select (exists (select from tickets t where t.requester_id = @author_id::bigint and t.submission_id = @submission_id::text and t.requester_id <> @requester_id)
    or exists (select from tickets t where t.submission_id = @author_id::bigint || ' ' || @submission_id::text and position(' ' in t.submission_id) > 0
        and t.requester_id <> @requester_id))::boolean;

-- name: EditTicket :exec
update tickets
set subject = @subject, description = @description, category_id = @category_id, priority = @priority,
    version = version + 1, updated_at = @now
where id = @id;

-- name: CreateRequester :one
-- CreateRequester adds the account of a customer without a password. It returns no rows if the
-- address has one.
insert into users (username, email, email_key, password_hash)
values (@username, @email, @email_key::text, '')
on conflict do nothing
returning id;

-- name: ListOtherTickets :many
-- ListOtherTickets returns tickets of a requester without one of them, and with each the number of
-- all that are unresolved, counted up to 99.
select t.id, t.subject, t.status, t.updated_at,
       (select count(*) from (select from tickets o where o.requester_id = @requester_id and o.id <> @ticket_id and o.deleted_at is null
            and o.status in ('OPEN', 'IN_PROGRESS') and may_read(@reach::text, @viewer::bigint, o.requester_id, o.team_id) limit 99) x) as unresolved
from tickets t
where t.requester_id = @requester_id and t.id <> @ticket_id and t.deleted_at is null and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id)
order by t.updated_at desc, t.id desc
limit @max;
