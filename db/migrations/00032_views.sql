-- +goose Up
-- Saved views: a name for a query of the list of tickets. A view belongs to a user, to a
-- team, or to all staff.
create table views (
    id         bigint generated always as identity primary key,
    name       text        not null constraint views_name_length check (char_length(name) between 1 and 60),
    -- The key by which names are compared, see internal/input/identifier.go.
    name_key   text        not null,
    query      text        not null constraint views_query_length check (octet_length(query) <= 4000), -- of the address of the list
    owner_id   bigint      references users on delete cascade,
    team_id    bigint      references teams,
    position   int         not null, -- within the views of the same owner or team
    created_at timestamptz not null default now(),
    constraint views_one_owner check (owner_id is null or team_id is null)
);
create unique index views_name_key on views (coalesce(owner_id, 0), coalesce(team_id, 0), name_key);
create index views_owner_idx on views (owner_id) where owner_id is not null;
create index views_team_idx on views (team_id) where team_id is not null;

-- The views that a user has in the sidebar.
create table view_pins (
    user_id   bigint      not null references users on delete cascade,
    view_id   bigint      not null references views on delete cascade,
    pinned_at timestamptz not null default now(),
    primary key (user_id, view_id)
);
create index view_pins_view_idx on view_pins (view_id);

-- view_access returns what a user may do with a view that has the given owner or team: 2
-- to read and change it, 1 to read it, and 0 for nothing. Those who manage the desk change
-- the views of teams and of all staff.
create function view_access(owner_id bigint, team_id bigint, viewer bigint, manages boolean) returns int
language sql stable as $$
    select case
        when owner_id is not null then case when owner_id = viewer then 2 else 0 end
        when manages then 2
        when team_id is null then 1
        else coalesce((select 1 + m.lead::int from team_members m where m.team_id = view_access.team_id and m.user_id = viewer), 0)
    end
$$;

-- +goose Down
drop function view_access;
drop table view_pins, views;
