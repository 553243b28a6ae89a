-- +goose Up
-- The id of this desk, which is part of the names of its cookies: browsers send cookies to
-- every port of a host, so desks on the same host need different names.
create table instance (
    only_one boolean primary key default true check (only_one),
    id       text    not null default gen_random_uuid()::text
);
insert into instance default values;

-- Sockets that a token has opened end with it, as those of a session do.
-- +goose StatementBegin
create function api_tokens_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

create trigger api_tokens_told after update of revoked_at on api_tokens
    for each row when (old.revoked_at is null and new.revoked_at is not null)
    execute function api_tokens_told();

-- +goose Down
drop trigger api_tokens_told on api_tokens;
drop function api_tokens_told;
drop table instance;
