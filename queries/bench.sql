-- name: MoveSequences :exec
-- MoveSequences makes new ids follow the highest ones, after rows were copied with their
-- ids.
select setval(pg_get_serial_sequence('users', 'id'), greatest(@users::bigint, 1)),
       setval(pg_get_serial_sequence('tickets', 'id'), greatest(@tickets::bigint, 1)),
       setval(pg_get_serial_sequence('attachments', 'id'), greatest(@files::bigint, 1));

-- name: FillTicketTexts :exec
-- FillTicketTexts does for copied tickets what the triggers do for others. For texts of letters a to z
-- and single spaces, as most are, it computes the result of search_text in a fifth of the time.
insert into search_tickets
select t.id, array_to_tsvector(string_to_array(mark || replace(txt, ' ', E'\n' || mark), E'\n')), null
from tickets t, concat(t.subject, ' ', t.description) txt, concat(to_hex(search_stretch(t.id)), ':') mark
where t.id between @first and @last and octet_length(txt) = char_length(txt)
union all
select t.id, x.terms, x.runs from tickets t, concat(t.subject, ' ', t.description) txt, search_text(t.id, txt) x
where t.id between @first and @last and octet_length(txt) <> char_length(txt);

-- name: FillCommentTexts :exec
-- FillCommentTexts does the same for their comments, which have such texts only.
insert into search_comments
select e.ticket_id, e.seq, array_to_tsvector(string_to_array(mark || replace(e.body, ' ', E'\n' || mark), E'\n')), null
from ticket_events e, concat(to_hex(search_stretch(e.ticket_id)), ':') mark
where e.ticket_id between @first and @last and e.kind = 'comment';

-- name: FillNames :exec
-- FillNames does the same for users.
insert into search_names select id, search_name(username, email) from users;

-- name: PlainIndexes :many
-- PlainIndexes returns the indexes of some tables that no constraint needs, those of the
-- search first, because they take longest to create.
select c.relname::text as name, pg_get_indexdef(i.indexrelid)::text as definition
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_class t on t.oid = i.indrelid
where t.relname = any (@tables::text[]) and t.relnamespace = current_schema()::regnamespace
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
order by (select a.amname = 'gin' from pg_catalog.pg_am a where a.oid = c.relam) desc, t.relname, c.relname;

-- name: SeedNotifications :exec
-- SeedNotifications writes notifications of the last tickets for the requesters and for an
-- admin, who has not read some of them.
insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at, read_at)
select t.id, u.id, t.last_seq, t.last_seq, 1, case when u.id = t.requester_id then 'comment' else 'opened' end::event_kind,
       case when u.id = t.requester_id then @admin::bigint else t.requester_id end, t.updated_at,
       case when t.id <= (select max(m.id) from tickets m) - @unread::int then t.updated_at end
from (select * from tickets x where x.deleted_at is null order by x.id desc limit 2000) t
join users u on u.id in (@admin::bigint, t.requester_id)
order by t.id
on conflict do nothing;

-- name: CountMails :one
select count(*) from mail_out;

-- name: DropMails :exec
-- DropMails removes all mails, and the events and jobs that wait.
truncate mail_out, mail_rcpt, mail_waiting, river_job, outbox_queue;
