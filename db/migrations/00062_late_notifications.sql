-- +goose Up
-- An event that is delivered after later ones of its ticket counts in the notification too. counted
-- has the last 100 events that were counted in it, so that none is counted twice. The default adds the
-- column without a new version of the rows; for them the positions of the outbox are enough.
alter table notifications add column counted bigint[] not null default '{}';

-- keeps_shown reports whether an unread notification still shows its event after another one was
-- added: the newest one is shown, but an answer takes precedence over a change of status.
create function keeps_shown(seq bigint, kind event_kind, added_seq bigint, added_kind event_kind) returns boolean
language sql immutable parallel safe
return case when (kind = 'status') = (added_kind = 'status') then seq > added_seq else added_kind = 'status' end;

-- +goose Down
drop function keeps_shown;
alter table notifications drop column counted;
