-- +goose Up
-- The settings of the desk, in one row. values has those that an admin has saved; for the
-- others the default of the program applies, so a new setting needs no migration.
create table settings (
    only_one   boolean     primary key default true check (only_one),
    values     jsonb       not null default '{}',
    version    int         not null default 1,
    changed_at timestamptz,
    changed_by bigint      references users
);
insert into settings default values;

-- Every replica reads the settings again.
-- +goose StatementBegin
create function settings_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 's');
    return null;
end
$$;
-- +goose StatementEnd
create trigger settings_told after update on settings for each row execute function settings_told();

-- +goose Down
drop table settings;
drop function settings_told;
