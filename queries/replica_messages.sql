-- name: StoredMessages :many
-- StoredMessages returns the messages to replicas of the transactions from a transaction id on,
-- and in each row the oldest id that was in progress. It has one row with id 0 if there is no
-- message.
select s.oldest, coalesce(m.id, 0)::bigint as id, coalesce(m.message, '')::text as message
from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest) s
left join replica_messages m on m.xid >= @since::bigint
order by m.id;

-- name: OldestTransaction :one
-- OldestTransaction returns the oldest transaction id in progress.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest;

-- name: SweepReplicaMessages :execrows
-- SweepReplicaMessages deletes the messages to replicas that were written before a time.
delete from replica_messages where ctid = any(array(select o.ctid from replica_messages o where o.at < @before limit @max for update skip locked));

-- name: NotifyReplicas :exec
-- NotifyReplicas sends messages to the replicas by NOTIFY.
select pg_notify('frontdesk', m) from unnest(@messages::text[]) m;

-- name: HasListeners :one
-- HasListeners reports whether a session of this database has the given application name.
select exists (select from pg_catalog.pg_stat_activity where datname = current_database() and application_name = @name::text);

-- name: LastSeqs :many
-- LastSeqs returns for tickets the seq of the last event, and that of the last public event.
select id, last_seq, public_seq(last_seq, internal_seq, public_seq_before) as public_seq from tickets
where id = any ((select @ids::bigint[])::bigint[]);

-- name: AddProbe :one
-- AddProbe writes a row with a random text, by which a replica shows that it has what was committed before.
insert into replica_messages (message) values ('probe ' || gen_random_uuid()) returning xid, message;

-- name: HasProbe :one
-- HasProbe reports whether the row of AddProbe is there.
select exists (select from replica_messages where xid = @xid and message = @message);

-- name: DatabaseIdentity :one
-- DatabaseIdentity returns whether the server is a standby, and the id of the database, which is the same on standbys.
select pg_is_in_recovery()::boolean as standby, oid::bigint as id from pg_catalog.pg_database where datname = current_database();
