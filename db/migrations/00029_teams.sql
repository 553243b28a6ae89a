-- +goose Up
-- Teams are retired and never deleted, because the logs of tickets name them.
create table teams (
    id         bigint generated always as identity primary key,
    name       text        not null constraint teams_name_length check (char_length(name) between 1 and 60),
    -- The key by which names are compared, see internal/input/identifier.go.
    name_key   text        not null constraint teams_name_key unique,
    private    boolean     not null default false, -- only members and admins see its tickets
    retired_at timestamptz,
    created_at timestamptz not null default now()
);

create table team_members (
    team_id  bigint      not null references teams,
    user_id  bigint      not null references users on delete cascade,
    lead     boolean     not null default false, -- may change the members
    added_at timestamptz not null default now(),
    primary key (team_id, user_id)
);
create index team_members_user_idx on team_members (user_id, team_id);

-- Neither column rewrites or reads the table: PostgreSQL does not check a reference of a
-- column that is added as null.
alter table tickets
    add column team_id     bigint references teams,
    add column assignee_id bigint references users;

-- The whole list of an assignee or a team, and their queue. Tickets that have neither are not in these
-- indexes, so they are empty at first and cost other tickets nothing.
create index tickets_assignee_idx on tickets (assignee_id, updated_at desc, id desc) where deleted_at is null and assignee_id is not null;
create index tickets_team_idx on tickets (team_id, updated_at desc, id desc) where deleted_at is null and team_id is not null;
create index tickets_active_assignee_idx on tickets (assignee_id, coalesce(waiting_since, '9999-01-01 00:00:00Z'), id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and assignee_id is not null;
create index tickets_active_team_idx on tickets (team_id, coalesce(waiting_since, '9999-01-01 00:00:00Z'), id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and team_id is not null;
create index tickets_unassigned_idx on tickets (coalesce(waiting_since, '9999-01-01 00:00:00Z'), id)
    where deleted_at is null and status in ('OPEN', 'IN_PROGRESS') and assignee_id is null;

-- +goose Down
alter table tickets drop column assignee_id, drop column team_id;
drop table team_members, teams;
