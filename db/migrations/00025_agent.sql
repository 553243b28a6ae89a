-- +goose Up
-- Agents work on tickets, but do not manage the desk. The value is first used in the next
-- migration, because a transaction cannot use a value that it adds. Lists of users sort
-- by the order of these values: customers, agents, admins.
alter type user_role add value if not exists 'agent' before 'admin';

-- +goose Down
-- PostgreSQL cannot remove a value of an enum. Without accounts that have it, it does no harm.
update users set role = 'customer' where role::text = 'agent';
