-- name: MoveSequences :exec
-- After rows with ids of their own were copied in: the next ids follow the highest.
select setval(pg_get_serial_sequence('users', 'id'), greatest(@users::bigint, 1)),
       setval(pg_get_serial_sequence('tickets', 'id'), greatest(@tickets::bigint, 1));

-- name: WordTickets :exec
-- What the trigger does for a ticket that is written and not copied in.
insert into ticket_words (ticket_id, search) select id, words(subject || ' ' || description) from tickets;
