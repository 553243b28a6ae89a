-- +goose Up
-- Outgoing mail: the mailboxes from which the desk sends, and a row for every mail with its fate.
-- See docs/mail.md.
create type mailbox_state as enum ('ok', 'paused');
create type mail_kind as enum ('answer', 'status', 'notice', 'password', 'verify', 'address_change', 'invitation', 'test');
create type mail_state as enum ('queued', 'sending', 'sent', 'deferred', 'failed', 'cancelled', 'skipped');
create type mail_rcpt_state as enum ('queued', 'accepted', 'failed', 'bounced');

create table mailboxes (
    id              bigint        generated always as identity primary key,
    -- The mailbox of SMTP_URL and MAIL_FROM. Its server and password are in the environment only.
    is_environment  boolean       not null default false,
    address         text          not null constraint mailboxes_address_length check (char_length(address) between 3 and 254),
    name            text          not null default '' constraint mailboxes_name_length check (char_length(name) <= 100),
    from_name       text          not null default '' constraint mailboxes_from_name_length check (char_length(from_name) <= 100),
    signature       text          not null default '' constraint mailboxes_signature_length check (char_length(signature) <= 2000),
    outbound        bytea, -- the server with its password, sealed; null for the mailbox of the environment
    rate_per_minute int           not null default 0 constraint mailboxes_rate check (rate_per_minute between 0 and 100000), -- 0 for no limit
    state           mailbox_state not null default 'ok',
    paused_reason   text          not null default '',
    last_ok_at      timestamptz,
    last_error      text          not null default '',
    last_error_at   timestamptz,
    is_default      boolean       not null default false,
    version         int           not null default 1,
    created_at      timestamptz   not null default now(),
    removed_at      timestamptz
);
create unique index mailboxes_environment_key on mailboxes (is_environment) where is_environment;
create unique index mailboxes_default_key on mailboxes (is_default) where is_default and removed_at is null;
create unique index mailboxes_address_key on mailboxes (lower(address)) where removed_at is null and not is_environment;

create table mail_out (
    id              bigint      generated always as identity primary key,
    mailbox_id      bigint      not null references mailboxes,
    kind            mail_kind   not null,
    ticket_id       bigint      references tickets on delete cascade,
    seq             bigint, -- of the newest event of the ticket that the mail is about
    user_id         bigint      references users on delete cascade,
    email           text        not null, -- the address of the account when the mail was written; it is not sent to a former one
    tickets         bigint[]    not null default '{}', -- of a mail about several; its user must be allowed to read them all
    message_id      text        not null constraint mail_out_message_key unique, -- without <>
    subject         text        not null,
    raw             bytea, -- the bytes that are sent; null after they were removed
    state           mail_state  not null default 'queued',
    attempts        int         not null default 0, -- how often it was claimed; identifies who may change the row while it is being sent
    job             int         not null default 0, -- how often a job was added for it
    job_at          timestamptz not null,
    next_at         timestamptz not null, -- not sent before
    expires_at      timestamptz not null, -- not tried again after
    lease_until     timestamptz, -- while it is being sent
    dotted_at       timestamptz, -- set before the end of the data is sent: from then on the server may have accepted it
    doubled         boolean     not null default false, -- it may have arrived twice
    last_code       int         not null default 0,
    last_enhanced   text        not null default '',
    last_text       text        not null default '',
    remote_queue_id text        not null default '',
    created_at      timestamptz not null,
    sent_at         timestamptz,
    finished_at     timestamptz -- of every final state
);
create unique index mail_out_event_key on mail_out (ticket_id, seq, user_id, kind) where kind in ('answer', 'status');
create index mail_out_ticket_idx on mail_out (ticket_id, seq) where ticket_id is not null;
create index mail_out_user_idx on mail_out (user_id, id desc) where user_id is not null;
create index mail_out_mailbox_idx on mail_out (mailbox_id, id desc);
create index mail_out_state_idx on mail_out (state, id desc);
create index mail_out_due_idx on mail_out (next_at) where state in ('queued', 'deferred');
create index mail_out_lease_idx on mail_out (lease_until) where state = 'sending';
create index mail_out_raw_idx on mail_out (finished_at) where raw is not null and finished_at is not null;

create table mail_rcpt (
    mail_out_id bigint          not null references mail_out on delete cascade,
    addr        text            not null,
    role        text            not null default 'to' check (role in ('to', 'cc', 'bcc')),
    state       mail_rcpt_state not null default 'queued',
    code        int             not null default 0,
    text        text            not null default '',
    updated_at  timestamptz     not null,
    primary key (mail_out_id, addr)
);

-- Events that will be in a mail later, together with others, unless they are read before.
create type mail_reason as enum ('message', 'opened', 'assigned', 'mentioned', 'answered');
create table mail_waiting (
    user_id   bigint      not null references users on delete cascade,
    ticket_id bigint      not null references tickets on delete cascade,
    seq       bigint      not null,
    reason    mail_reason not null,
    at        timestamptz not null, -- of the event
    due_at    timestamptz not null,
    primary key (user_id, ticket_id, seq)
);
create index mail_waiting_due_idx on mail_waiting (due_at);
create index mail_waiting_ticket_idx on mail_waiting (ticket_id);

-- email_verified_at is when the user proved that mail to the address reaches them; null for
-- accounts that were never asked. mail_prefs has what the user has chosen, see MailPreferences of
-- package desk.
alter table users add column email_verified_at timestamptz, add column mail_prefs jsonb not null default '{}';

-- +goose Down
delete from outbox_queue where consumer = 'mail';
delete from outbox_consumers where name = 'mail';
alter table users drop column email_verified_at, drop column mail_prefs;
drop table mail_waiting, mail_rcpt, mail_out, mailboxes;
drop type mail_reason, mail_rcpt_state, mail_state, mail_kind, mailbox_state;
