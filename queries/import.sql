-- name: HoldImport :one
-- HoldImport takes the lock of the import until the transaction ends. The transaction stays
-- open without statements, so it has no time limit.
select pg_try_advisory_xact_lock(7004)::boolean as held, set_config('idle_in_transaction_session_timeout', '0', true)::text as timeout;

-- name: WaitLonger :exec
-- WaitLonger raises the time limits of the server for the transaction to a minute.
select set_config('statement_timeout', '60s', true), set_config('lock_timeout', '20s', true), set_config('idle_in_transaction_session_timeout', '60s', true);

-- name: GetImport :one
select * from imports;

-- name: LockPeopleAndTickets :exec
-- LockPeopleAndTickets lets no account or ticket be added before the transaction ends.
lock table users, tickets in share row exclusive mode;

-- name: StartImport :exec
-- StartImport begins an import. A signed token names an account by its id and session
-- version, and ids get other accounts. So the version of these is one that no account had.
insert into imports (source, user_base, ticket_base, session_ver, started_at)
select @source, @user_base, @ticket_base, coalesce(max(u.session_ver), 0) + 1, @now from users u;

-- name: NextUserID :one
-- NextUserID takes the next id of a user.
select nextval(pg_get_serial_sequence('users', 'id'))::bigint;

-- name: NextTicketID :one
-- NextTicketID takes the next id of a ticket.
select nextval(pg_get_serial_sequence('tickets', 'id'))::bigint;

-- name: SetNextIDs :exec
-- SetNextIDs sets the ids that the next user and the next ticket get.
select setval(pg_get_serial_sequence('users', 'id'), @users::bigint, false), setval(pg_get_serial_sequence('tickets', 'id'), @tickets::bigint, false);

-- name: KeyedAccounts :many
-- KeyedAccounts returns all accounts with the key of their address.
select id, email, coalesce(email_key, lower(email collate "C"))::text as key, email_twin, role from users order by id;

-- name: CopyAccount :exec
-- CopyAccount adds a copy of an account under another id. It is a twin, so that the address
-- is not in use twice.
insert into users (id, username, email, email_key, email_twin, password_hash, role, session_ver, must_change_password, disabled_at, seen_at, created_at, updated_at,
                   custom_role, permissions, away_until, shortcuts_off, email_verified_at, mail_prefs, page_prefs)
overriding system value
select @new_id::bigint, u.username, u.email, coalesce(u.email_key, lower(u.email collate "C")), true, u.password_hash, u.role, i.session_ver, u.must_change_password,
       u.disabled_at, u.seen_at, u.created_at, u.updated_at, u.custom_role, u.permissions, u.away_until, u.shortcuts_off,
       u.email_verified_at, u.mail_prefs, u.page_prefs
from users u, imports i where u.id = @old_id;

-- name: MoveOwned :exec
-- MoveOwned gives what belongs to an account on a desk without tickets to its copy.
with files as (
    update attachments a set user_id = @new_id where a.user_id = @old_id
), memberships as (
    update team_members m set user_id = @new_id where m.user_id = @old_id
), retired as (
    update teams t set retired_by = @new_id::bigint where t.retired_by = @old_id
), own_views as (
    update views v set owner_id = @new_id::bigint, query = regexp_replace(v.query, '(^|&)(assignee|requester)=' || @old_id::bigint || '(?=&|$)', '\1\2=' || @new_id::bigint, 'g')
    where v.owner_id = @old_id
), filters as (
    update views v set query = regexp_replace(v.query, '(^|&)(assignee|requester)=' || @old_id::bigint || '(?=&|$)', '\1\2=' || @new_id::bigint, 'g')
    where v.query ~ ('(^|&)(assignee|requester)=' || @old_id::bigint || '(&|$)') and v.owner_id is distinct from @old_id
), pins as (
    update view_pins p set user_id = @new_id where p.user_id = @old_id
), changed as (
    update settings s set changed_by = @new_id::bigint where s.changed_by = @old_id
), invited as (
    update invitations i set invited_by = case i.invited_by when @old_id then @new_id else i.invited_by end,
        accepted_by = case i.accepted_by when @old_id then @new_id::bigint else i.accepted_by end
    where i.invited_by = @old_id or i.accepted_by = @old_id
), mails as (
    update mail_out m set user_id = @new_id::bigint where m.user_id = @old_id
), links as (
    update account_links l set user_id = @new_id where l.user_id = @old_id
), registered as (
    update registrations r set user_id = @new_id::bigint where r.user_id = @old_id
)
update kept_forms k set user_id = @new_id where k.user_id = @old_id;

-- name: DeleteAccount :exec
delete from users where id = @id;

-- name: SetTwin :exec
update users set email_twin = @twin where id = @id;

-- name: ImportedUsers :many
select old_id, new_id::bigint as new_id from import_entries where kind = 'user' and new_id is not null;

-- name: ImportUsers :exec
insert into users (id, username, email, email_key, email_twin, password_hash, role, session_ver, created_at, updated_at)
overriding system value
select u.id, u.username, u.email, u.email_key, u.email_twin, u.password_hash, u.role::user_role, i.session_ver, u.created_at, u.created_at
from imports i, rows from (unnest(@ids::bigint[]), unnest(@usernames::text[]), unnest(@emails::text[]), unnest(@email_keys::text[]), unnest(@email_twins::boolean[]),
                unnest(@password_hashes::text[]), unnest(@roles::text[]), unnest(@created::timestamptz[]))
    as u(id, username, email, email_key, email_twin, password_hash, role, created_at);

-- name: ImportEntries :exec
-- ImportEntries adds entries of the report. A new id or seq of 0 is stored as null.
insert into import_entries (kind, old_id, new_id, seq, note)
select e.kind, e.old_id, nullif(e.new_id, 0), nullif(e.seq, 0), e.note
from rows from (unnest(@kinds::text[]), unnest(@old_ids::text[]), unnest(@new_ids::bigint[]), unnest(@seqs::bigint[]), unnest(@notes::text[]))
    as e(kind, old_id, new_id, seq, note);

-- name: ImportTickets :exec
-- ImportTickets adds tickets. The zero time in waiting means that the requester does not wait for staff.
insert into tickets (id, requester_id, subject, description, category_id, priority, status, last_seq, comment_count, file_count, waiting_since,
                     submission_id, submission_hash, created_at, updated_at)
overriding system value
select t.id, t.requester_id, t.subject, t.description, t.category_id, t.priority::ticket_priority, t.status::ticket_status, t.last_seq, t.comment_count, t.file_count,
       nullif(t.waiting_since, '0001-01-01 00:00:00Z'::timestamptz), t.submission_id, '', t.created_at, t.updated_at
from rows from (unnest(@ids::bigint[]), unnest(@requesters::bigint[]), unnest(@subjects::text[]), unnest(@descriptions::text[]), unnest(@categories::bigint[]),
                unnest(@priorities::text[]), unnest(@statuses::text[]), unnest(@last_seqs::bigint[]), unnest(@comment_counts::int[]), unnest(@file_counts::int[]),
                unnest(@waiting::timestamptz[]), unnest(@submissions::text[]), unnest(@created::timestamptz[]), unnest(@updated::timestamptz[]))
    as t(id, requester_id, subject, description, category_id, priority, status, last_seq, comment_count, file_count, waiting_since, submission_id, created_at, updated_at);

-- name: ImportEvents :exec
insert into ticket_events (ticket_id, seq, kind, author_id, side, body, created_at)
select e.ticket_id, e.seq, e.kind::event_kind, e.author_id, side_of(e.author_id, e.requester_id), e.body, e.created_at
from rows from (unnest(@tickets::bigint[]), unnest(@seqs::bigint[]), unnest(@kinds::text[]), unnest(@authors::bigint[]), unnest(@requesters::bigint[]),
                unnest(@bodies::text[]), unnest(@created::timestamptz[]))
    as e(ticket_id, seq, kind, author_id, requester_id, body, created_at);

-- name: ImportReads :exec
-- ImportReads marks the whole logs of tickets as read by users.
insert into ticket_reads (ticket_id, user_id, seq)
select r.ticket_id, r.user_id, r.seq
from rows from (unnest(@tickets::bigint[]), unnest(@users::bigint[]), unnest(@seqs::bigint[])) as r(ticket_id, user_id, seq);

-- name: ImportFiles :exec
-- ImportFiles adds files of the first entries of tickets.
insert into attachments (name, ticket_id, seq, user_id, submission_id, filename, content_type, charset, size, sha256, created_at)
select f.name, f.ticket_id, 1, f.user_id, f.submission_id, f.filename, f.content_type, f.charset, f.size, f.sha256, f.created_at
from rows from (unnest(@names::text[]), unnest(@tickets::bigint[]), unnest(@users::bigint[]), unnest(@submissions::text[]), unnest(@filenames::text[]),
                unnest(@content_types::text[]), unnest(@charsets::text[]), unnest(@sizes::bigint[]), unnest(@sums::bytea[]), unnest(@created::timestamptz[]))
    as f(name, ticket_id, user_id, submission_id, filename, content_type, charset, size, sha256, created_at);

-- name: CountImportedSolved :exec
-- CountImportedSolved counts tickets as resolved in the hour of their last change, for the
-- dashboard. The trigger of the table counts only tickets that become resolved.
insert into ticket_hours as h (hour, shard, resolved)
select date_trunc('hour', t.updated_at), pg_backend_pid() % 16, count(*)
from tickets t where t.id = any (@tickets::bigint[]) and t.status in ('RESOLVED', 'CLOSED')
group by 1 order by 1
on conflict (hour, shard) do update set resolved = h.resolved + excluded.resolved;

-- name: DropImportedEvents :exec
-- DropImportedEvents removes imported events from the outbox before the transaction commits,
-- so that they are delivered to no consumer.
delete from outbox_queue q using outbox_consumers c
where q.consumer = c.name and q.stream = 'ticket' and q.id = any (@tickets::bigint[]);

-- name: AddImportBatch :exec
insert into import_batches (after_id, last_id) values (@after_id, @last_id);

-- name: ListImportBatches :many
select after_id, last_id from import_batches;

-- name: FinishImport :exec
update imports set finished_at = @now::timestamptz;

-- name: CountReportedTickets :one
select count(*) from import_entries where kind = 'ticket';

-- name: SummariseImport :many
select kind, count(new_id) as imported, count(*) filter (where new_id is null) as refused, count(*) filter (where new_id is not null and note <> '') as changed
from import_entries group by kind;

-- name: ListImportEntries :many
select id, kind, old_id, coalesce(new_id, 0)::bigint as new_id, coalesce(seq, 0)::bigint as seq, note
from import_entries where id > @after order by id limit @max;

-- name: ListImportNotes :many
-- ListImportNotes returns the first entries with a note, those that were not imported first.
select kind, old_id, coalesce(new_id, 0)::bigint as new_id, coalesce(seq, 0)::bigint as seq, note
from import_entries where note <> '' order by new_id is not null, id limit @max;
