-- +goose Up
-- All tickets without an assignee, of any status. Answers assign tickets, so these are few, and without the
-- index their list and their count read the whole table. It took 1.6 s on 1,000,000 tickets without assignees.
create index tickets_unassigned_updated_idx on tickets (updated_at desc, id desc) where deleted_at is null and assignee_id is null;

-- +goose Down
drop index tickets_unassigned_updated_idx;
