-- +goose Up
-- Notifications are removed only if a user's new role sees other tickets. Agents and
-- admins see the same.
drop trigger users_notifications_removed on users;
create trigger users_notifications_removed after update of role on users
    for each row when (sees_all_tickets(old.role) is distinct from sees_all_tickets(new.role))
    execute function users_notifications_removed();

-- +goose Down
drop trigger users_notifications_removed on users;
create trigger users_notifications_removed after update of role on users
    for each row when (old.role is distinct from new.role)
    execute function users_notifications_removed();
