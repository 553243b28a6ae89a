-- name: MoveSequences :exec
-- After rows with ids of their own were copied in: the next ids follow the highest.
select setval(pg_get_serial_sequence('users', 'id'), greatest(@users::bigint, 1)),
       setval(pg_get_serial_sequence('tickets', 'id'), greatest(@tickets::bigint, 1)),
       setval(pg_get_serial_sequence('attachments', 'id'), greatest(@files::bigint, 1));

-- name: WordTickets :exec
-- What the trigger does for a ticket that is written and not copied in.
insert into ticket_words (ticket_id, search)
select id, words(subject || ' ' || description) from tickets where id between @first and @last;

-- name: PlainIndexes :many
-- The indexes of some tables that no constraint needs, those of words first:
-- they take longest to make.
select c.relname::text as name, pg_get_indexdef(i.indexrelid)::text as definition
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_class t on t.oid = i.indrelid
where t.relname = any (@tables::text[]) and t.relnamespace = current_schema()::regnamespace
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
order by (select a.amname = 'gin' from pg_catalog.pg_am a where a.oid = c.relam) desc, t.relname, c.relname;
