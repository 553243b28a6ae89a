-- +goose Up
-- Every replica listens on one channel, which triggers notify. A notification is sent with
-- the commit, in commit order, or not at all. It is only a hint: the replicas read the log.

-- +goose StatementBegin
create function tickets_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', concat_ws(' ', 't', new.id, new.last_seq, new.requester_id));
    return null;
end
$$;
-- +goose StatementEnd

-- The log of a ticket has grown: the ticket, its last seq, and its requester.
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

-- The permissions or the sessions of a user have changed.
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
