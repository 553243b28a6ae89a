-- +goose Up
-- wants_mail reports whether a user wants mails about an event: the preference with that name, or its
-- default. The defaults are those of DefaultMailPreferences of package account.
create function wants_mail(prefs jsonb, event text) returns boolean
language sql immutable parallel safe
return coalesce((prefs ->> event)::boolean, event <> 'opened');

-- wants_notification is wants_mail for notifications on pages, with the defaults of
-- DefaultPagePreferences. The body names the event only once: PostgreSQL puts an argument with a
-- subquery, as in NotifyUsers, in place of one use only.
create function wants_notification(prefs jsonb, event text) returns boolean
language sql immutable parallel safe
return coalesce((prefs ->> event)::boolean, true);

-- must_readdress reports whether a mail about tickets goes to another address than the one for which
-- it was written, because the account has another one now.
create function must_readdress(kind mail_kind, written text, present text) returns boolean
language sql immutable parallel safe
return kind in ('answer', 'status', 'notice') and written not in ('', present) and present <> '';

-- +goose Down
drop function must_readdress, wants_notification, wants_mail;
