-- +goose Up
-- Every replica listens on one channel, and the write itself tells: what is
-- notified leaves with the commit, in the order of the commits, or not at all.
-- It is a wake-up; who hears it reads the log.

-- +goose StatementBegin
create function tickets_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', concat_ws(' ', 't', new.id, new.last_seq, new.requester_id));
    return null;
end
$$;
-- +goose StatementEnd

-- A ticket's log has grown: which, how far, and whose ticket it is.
create trigger tickets_told after update of last_seq on tickets
    for each row when (new.last_seq > old.last_seq) execute function tickets_told();

-- +goose StatementBegin
create function users_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.id);
    return null;
end
$$;
-- +goose StatementEnd

-- What somebody may do has changed, or where they are signed in.
create trigger users_told after update of role, disabled_at, session_ver on users
    for each row when ((old.role, old.disabled_at, old.session_ver) is distinct from (new.role, new.disabled_at, new.session_ver))
    execute function users_told();

-- +goose StatementBegin
create function sessions_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', 'u ' || new.user_id);
    return null;
end
$$;
-- +goose StatementEnd

create trigger sessions_told after update of revoked_at on sessions
    for each row when (old.revoked_at is null and new.revoked_at is not null and new.user_id is not null)
    execute function sessions_told();

-- +goose Down
drop trigger sessions_told on sessions;
drop trigger users_told on users;
drop trigger tickets_told on tickets;
drop function sessions_told, users_told, tickets_told;
