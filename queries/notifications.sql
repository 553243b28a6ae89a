-- name: NotifyUsers :many
-- NotifyUsers writes notifications of events and returns the users who got one. Events of
-- the requester's side go to the assignee and the staff who have acted on the ticket or, if
-- there are none, to all staff who may read it and used the desk since a time. Public events
-- of others go to the requester. Followers get both, without changes of status, and notes.
-- Users who have muted the ticket get only notes that mention them, which makes them
-- followers. Events that a user has switched off (page_prefs) write nothing for them; notes
-- and answers of colleagues on followed tickets have no such switch. An assignment goes to
-- the new assignee (assignees, 0 for none) if they are still the assignee. sides are those
-- stored with the events, '' if none is. The accounts of staff are locked, so that a role
-- does not change before the commit. For the selects around arrays see ListUpdates.
-- An event may come after later ones, from another consumer or as a dead event that is retried.
-- It counts as unread unless its user has read the ticket up to it, or it was counted before
-- (counted). An unread notification then still shows its newest event; one that was read shows
-- the events that came after that.
with new_events as (
    select t.id as ticket_id, t.requester_id, t.team_id, e.seq, e.kind::event_kind as kind, e.author_id, e.created_at,
           s.side = 'requester' and e.kind not in ('note', 'assignment') as to_staff,
           case when e.assignee_id = t.assignee_id then e.assignee_id end as assignee_id
    from rows from (unnest((select @tickets::bigint[])), unnest((select @seqs::bigint[])), unnest((select @kinds::text[])),
                    unnest((select @authors::bigint[])), unnest((select @times::timestamptz[])), unnest((select @assignees::bigint[])),
                    unnest((select @sides::text[]))) as e(ticket_id, seq, kind, author_id, created_at, assignee_id, side)
    join tickets t on t.id = e.ticket_id and t.deleted_at is null
    cross join lateral (select coalesce(nullif(e.side, '')::event_side, side_of(e.author_id, t.requester_id)) as side) s
    where e.kind <> 'status' or s.side = 'staff'
), changed as (
    select n.ticket_id, n.requester_id, n.team_id, bool_or(n.to_staff) as to_staff from new_events n group by n.ticket_id, n.requester_id, n.team_id
), staff as (
    select u.id, u.role, u.permissions from users u
    where works_as_staff(u.role) and u.disabled_at is null and u.seen_at > @active_since::timestamptz and exists (select from changed c where c.to_staff)
    for share of u
), readers as materialized (
    select c.ticket_id, s.id as user_id from changed c join staff s on s.id <> c.requester_id
    where c.to_staff and may_read(reach_of(s.role, s.permissions), s.id, c.requester_id, c.team_id)
), involved as materialized (
    select r.ticket_id, r.user_id, exists (select from ticket_events v where v.ticket_id = r.ticket_id and v.author_id = r.user_id and not v.internal)
            or exists (select from tickets t where t.id = r.ticket_id and t.assignee_id = r.user_id) as publicly
    from readers r
    where exists (select from ticket_events v where v.ticket_id = r.ticket_id and v.author_id = r.user_id and (not v.internal or v.kind = 'note'))
        or exists (select from tickets t where t.id = r.ticket_id and t.assignee_id = r.user_id)
), following as (
    select f.ticket_id, u.id as user_id from changed c
    join followers f on f.ticket_id = c.ticket_id and not f.muted
    join users u on u.id = f.user_id and u.disabled_at is null
        and on_staff_side(works_as_staff(u.role), u.id, c.requester_id) and may_read(reach_of(u.role, u.permissions), u.id, c.requester_id, c.team_id)
    for share of u
), assigned as (
    select n.ticket_id, n.seq, u.id as user_id from new_events n
    join users u on u.id = n.assignee_id and u.disabled_at is null
        and on_staff_side(works_as_staff(u.role), u.id, n.requester_id) and may_read(reach_of(u.role, u.permissions), u.id, n.requester_id, n.team_id)
    for share of u
), due as (
    select n.ticket_id, n.seq, n.requester_id as user_id from new_events n
    join users u on u.id = n.requester_id and u.disabled_at is null
    where not n.to_staff and n.kind not in ('note', 'assignment')
    union
    select n.ticket_id, n.seq, r.user_id from new_events n join readers r on r.ticket_id = n.ticket_id
    where n.to_staff and not exists (select from followers f where f.ticket_id = r.ticket_id and f.user_id = r.user_id and f.muted)
        and ((r.ticket_id, r.user_id) in (select i.ticket_id, i.user_id from involved i)
            or not exists (select from involved i where i.ticket_id = n.ticket_id and i.publicly))
    union
    select n.ticket_id, n.seq, f.user_id from new_events n join following f on f.ticket_id = n.ticket_id
    where n.author_id <> f.user_id and n.kind not in ('status', 'assignment')
    union
    select a.ticket_id, a.seq, a.user_id from assigned a
), recipients as (
    select d.ticket_id, d.user_id, n.seq > coalesce((select k.seq from ticket_reads k where k.ticket_id = d.ticket_id and k.user_id = d.user_id), 0) as unseen, min(n.seq) as first_seq, max(n.seq) as seq, count(*) as events, max(n.created_at) as created_at,
           (array_agg(n.kind order by n.kind = 'status', n.seq desc))[1]::event_kind as kind,
           (array_agg(n.author_id order by n.kind = 'status', n.seq desc))[1] as author_id,
           array_agg(n.seq) as counted
    from due d join new_events n on n.ticket_id = d.ticket_id and n.seq = d.seq
    join users u on u.id = d.user_id and wants_notification(u.page_prefs, case
        when n.kind = 'assignment' then 'assigned'
        when d.user_id = n.requester_id and n.kind = 'status' then 'status'
        when d.user_id = n.requester_id then 'answer'
        when n.kind = 'note' and exists (select from ticket_events v where v.ticket_id = n.ticket_id and v.seq = n.seq and v.data -> 'mentions' @> jsonb_build_array(jsonb_build_object('id', d.user_id))) then 'mentioned'
        when n.to_staff and n.kind = 'opened' then 'opened'
        when n.to_staff then 'answered'
        end)
    where (select d.seq = any (o.counted) from notifications o where o.ticket_id = d.ticket_id and o.user_id = d.user_id) is not true
    group by d.ticket_id, d.user_id, unseen
)
insert into notifications as o (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at, read_at, counted)
select distinct on (r.ticket_id, r.user_id) r.ticket_id, r.user_id, r.seq, r.first_seq, r.events, r.kind, r.author_id, r.created_at, case when not r.unseen then now() end, r.counted
from recipients r
order by r.ticket_id, r.user_id, r.unseen desc
on conflict (ticket_id, user_id) do update set
    read_at = excluded.read_at, sort_key = excluded.sort_key,
    seq = case when o.read_at is null then greatest(o.seq, excluded.seq) else excluded.seq end,
    created_at = case when o.read_at is null and o.seq > excluded.seq then o.created_at else excluded.created_at end,
    first_seq = case when o.read_at is null then least(o.first_seq, excluded.first_seq) else excluded.first_seq end,
    events = excluded.events + case when o.read_at is null then o.events else 0 end,
    kind = case when o.read_at is null and keeps_shown(o.seq, o.kind, excluded.seq, excluded.kind) then o.kind else excluded.kind end,
    author_id = case when o.read_at is null and keeps_shown(o.seq, o.kind, excluded.seq, excluded.kind) then o.author_id else excluded.author_id end,
    counted = array(select c.seq from unnest(o.counted || excluded.counted) as c(seq) order by c.seq desc limit 100)
where excluded.read_at is null or o.seq < excluded.seq
returning o.user_id;

-- name: RemoveNotificationsOfDeleted :many
-- RemoveNotificationsOfDeleted removes the notifications of tickets in the trash.
delete from notifications n using tickets t
where n.ticket_id = any ((select @tickets::bigint[])::bigint[]) and t.id = n.ticket_id and t.deleted_at is not null
returning n.user_id;

-- name: ReadSeenNotifications :many
-- ReadSeenNotifications marks notifications as read if their users have read the ticket up
-- to the newest event.
update notifications n set read_at = now()
from ticket_reads r
where n.ticket_id = any ((select @tickets::bigint[])::bigint[]) and n.read_at is null
  and r.ticket_id = n.ticket_id and r.user_id = n.user_id and r.seq >= n.seq
returning n.user_id;

-- name: WakeNotified :exec
-- WakeNotified sends a message to the replicas that the notifications of users have changed,
-- so that open pages are updated.
select wake_replicas('n ' || array_to_string(@users::bigint[], ' '));

-- name: CountUnreadNotifications :many
-- CountUnreadNotifications returns the number of unread notifications of each user that
-- ListNotifications returns, counted up to max.
select u.id as user_id, unread_notifications(u.id, @max::int)::int as unread
from users u where u.id = any ((select @users::bigint[])::bigint[]);

-- name: ListNotifications :many
-- ListNotifications returns notifications of tickets that the user may read, before a sort
-- key, newest first. mentioned is true if the newest event is a note that mentions the user.
-- own is true if the user is its author, as of an assignment by the desk itself.
select n.ticket_id, t.subject, n.kind, n.seq, n.first_seq, n.events, n.created_at, (n.read_at is null)::boolean as unread, n.sort_key,
       a.username as author, (n.author_id = n.user_id)::boolean as own, coalesce(e.data ->> 'to', '')::text as status,
       coalesce(e.data -> 'mentions' @> jsonb_build_array(jsonb_build_object('id', n.user_id)), false)::boolean as mentioned
from notifications n
join tickets t on t.id = n.ticket_id
join users a on a.id = n.author_id
left join ticket_events e on n.kind in ('status', 'note') and e.ticket_id = n.ticket_id and e.seq = n.seq
where n.user_id = @user_id and n.sort_key < @before and t.deleted_at is null and may_read(@reach::text, @user_id::bigint, t.requester_id, t.team_id)
order by n.sort_key desc
limit @max;

-- name: ReadNotification :one
-- ReadNotification marks the notification of a ticket as read, unless there are events newer
-- than seq. It reports whether the user has a notification of the ticket and may read it.
with found as (
    select n.ticket_id, n.user_id from notifications n
    join tickets t on t.id = n.ticket_id and t.deleted_at is null and may_read(@reach::text, n.user_id, t.requester_id, t.team_id)
    where n.ticket_id = @ticket_id and n.user_id = @user_id
), read as (
    update notifications n set read_at = now() from found f
    where n.ticket_id = f.ticket_id and n.user_id = f.user_id and n.read_at is null and n.seq <= @seq
    returning wake_replicas('n ' || n.user_id)
)
select exists (select from found)::boolean as found;

-- name: ReadAllNotifications :execrows
-- ReadAllNotifications marks the user's notifications up to a sort key as read.
update notifications set read_at = now() where user_id = @user_id and read_at is null and sort_key <= @upto;

-- name: SweepNotifications :execrows
-- SweepNotifications removes notifications older than a time.
delete from notifications where ctid = any(array(select o.ctid from notifications o where o.created_at < @before order by o.created_at limit @max for update skip locked));
