-- +goose Up
-- page_prefs has what the user has chosen for the notifications on pages, see PagePreferences of
-- package desk.
alter table users add column page_prefs jsonb not null default '{}';

-- +goose Down
alter table users drop column page_prefs;
