-- +goose Up
-- Users can switch off shortcuts of a single key (WCAG 2.1.4).
alter table users add column shortcuts_off boolean not null default false;

-- +goose Down
alter table users drop column shortcuts_off;
