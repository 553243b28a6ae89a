-- +goose Up
create or replace function sees_all_tickets(role user_role) returns boolean
language sql immutable parallel safe
return role in ('agent', 'admin');

-- +goose Down
create or replace function sees_all_tickets(role user_role) returns boolean
language sql immutable parallel safe
return role = 'admin';
