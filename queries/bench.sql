-- name: MoveSequences :exec
-- After rows with ids of their own were copied in: the next ids follow the highest.
select setval(pg_get_serial_sequence('users', 'id'), greatest(@users::bigint, 1)),
       setval(pg_get_serial_sequence('tickets', 'id'), greatest(@tickets::bigint, 1));
