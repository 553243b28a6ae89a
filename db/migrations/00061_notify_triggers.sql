-- +goose Up
-- The triggers that send the replicas a message are named after that.
alter trigger tickets_told on tickets rename to tickets_notify;
alter trigger users_told on users rename to users_notify;
alter trigger sessions_told on sessions rename to sessions_notify;
alter trigger api_tokens_told on api_tokens rename to api_tokens_notify;
alter trigger settings_told on settings rename to settings_notify;
alter function tickets_told rename to tickets_notify;
alter function users_told rename to users_notify;
alter function sessions_told rename to sessions_notify;
alter function api_tokens_told rename to api_tokens_notify;
alter function settings_told rename to settings_notify;

-- The function of 00052, with another name for its variable.
-- +goose StatementBegin
create or replace function tickets_notify() returns trigger
language plpgsql as $$
declare
    message constant text := case when new.internal_seq = new.last_seq then concat_ws(' ', 'i', new.id, new.last_seq)
        else concat_ws(' ', 't', new.id, new.last_seq, new.requester_id) end;
begin
    if sends_messages() then
        raise info using errcode = 'FD001', message = message;
    else
        perform pg_notify('frontdesk', message);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
alter function settings_notify rename to settings_told;
alter function api_tokens_notify rename to api_tokens_told;
alter function sessions_notify rename to sessions_told;
alter function users_notify rename to users_told;
alter function tickets_notify rename to tickets_told;
alter trigger settings_notify on settings rename to settings_told;
alter trigger api_tokens_notify on api_tokens rename to api_tokens_told;
alter trigger sessions_notify on sessions rename to sessions_told;
alter trigger users_notify on users rename to users_told;
alter trigger tickets_notify on tickets rename to tickets_told;
