-- +goose Up
-- Internal events are entries of a ticket's log that only staff see, such as notes. The
-- requester must not notice them: they change neither updated_at nor version, and the
-- requester gets the number of the newest public event where staff get last_seq.
alter table ticket_events add column internal boolean not null default false;
alter table ticket_events add constraint ticket_events_internal
    check (internal or kind not in ('note', 'assignment', 'team')) not valid;

-- internal_seq is the seq of the newest internal event, and public_seq_before the seq of
-- the newest public event before it. A public event only increases last_seq, so writing
-- one costs no more than before, and the previous version of the program need not know
-- the columns.
alter table tickets add column internal_seq bigint not null default 0,
    add column public_seq_before bigint not null default 0;

-- public_seq returns the seq of the newest public event of a ticket.
create function public_seq(last_seq bigint, internal_seq bigint, public_seq_before bigint) returns bigint
language sql immutable parallel safe
return case when internal_seq = last_seq then public_seq_before else last_seq end;

-- on_staff_side reports whether a viewer who may read a ticket is on the side of staff,
-- and therefore sees its internal events. Staff are on the requester's side of their own
-- tickets. SideOf of package desk decides the same.
create function on_staff_side(is_staff boolean, viewer bigint, requester bigint) returns boolean
language sql immutable parallel safe
return is_staff and viewer <> requester;

-- The function of 00004. An internal event is announced with another letter, which the
-- previous version ignores, so that it wakes no page of a requester.
-- +goose StatementBegin
create or replace function tickets_told() returns trigger
language plpgsql as $$
begin
    if new.internal_seq = new.last_seq then
        perform pg_notify('frontdesk', concat_ws(' ', 'i', new.id, new.last_seq));
    else
        perform pg_notify('frontdesk', concat_ws(' ', 't', new.id, new.last_seq, new.requester_id));
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function tickets_told() returns trigger
language plpgsql as $$
begin
    perform pg_notify('frontdesk', concat_ws(' ', 't', new.id, new.last_seq, new.requester_id));
    return null;
end
$$;
-- +goose StatementEnd
-- The version before would show internal events to requesters.
delete from ticket_events where internal;
drop function on_staff_side, public_seq;
alter table tickets drop column internal_seq, drop column public_seq_before;
alter table ticket_events drop column internal;
