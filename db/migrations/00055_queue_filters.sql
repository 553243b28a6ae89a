-- +goose Up
-- The queues of a team and of unassigned tickets, also filtered by status, priority, team or assignee. The last
-- columns are not needed for the order: PostgreSQL compares them in the index, and reads only rows that fit. Without
-- them the list of 50 open and urgent tickets of a team read its 1,000 active ones.
drop index tickets_active_team_idx;
create index tickets_active_team_idx on tickets (team_id, coalesce(waiting_since, '9999-01-01 00:00:00Z'), id, status, priority, assignee_id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and team_id is not null;
drop index tickets_unassigned_idx;
create index tickets_unassigned_idx on tickets (coalesce(waiting_since, '9999-01-01 00:00:00Z'), id, status, priority, team_id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and assignee_id is null;
drop index tickets_unassigned_updated_idx;
create index tickets_unassigned_updated_idx on tickets (updated_at desc, id desc, status, priority, team_id)
    where deleted_at is null and assignee_id is null;

-- +goose Down
drop index tickets_unassigned_updated_idx;
create index tickets_unassigned_updated_idx on tickets (updated_at desc, id desc) where deleted_at is null and assignee_id is null;
drop index tickets_unassigned_idx;
create index tickets_unassigned_idx on tickets (coalesce(waiting_since, '9999-01-01 00:00:00Z'), id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and assignee_id is null;
drop index tickets_active_team_idx;
create index tickets_active_team_idx on tickets (team_id, coalesce(waiting_since, '9999-01-01 00:00:00Z'), id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and team_id is not null;
