-- +goose Up
-- The teams whose member the user becomes who accepts an invitation. Teams are never deleted.
-- The version of the program before does not know them: a link that it accepts adds no member.
alter table invitations add column teams bigint[] not null default '{}';

-- +goose Down
alter table invitations drop column teams;
