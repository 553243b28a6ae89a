-- name: ListRoles :many
-- ListRoles returns the roles that admins have made, with the numbers of their users and of the open
-- invitations that give them.
select r.*, (select count(*) from users u where u.custom_role = r.name) as users,
    (select count(*) from invitations i where i.custom_role = r.name and i.accepted_at is null and i.revoked_at is null) as invitations
from roles r order by r.name_key;

-- name: GetRole :one
select r.*, (select count(*) from users u where u.custom_role = r.name) as users,
    (select count(*) from invitations i where i.custom_role = r.name and i.accepted_at is null and i.revoked_at is null) as invitations
from roles r where r.id = @id;

-- name: RoleByName :one
select r.name, r.permissions from roles r where r.name = @name;

-- name: AddRole :one
insert into roles (name, name_key, see_all, reply, note, triage, "delete", manage_users, manage_desk)
values (@name, @name_key, @see_all, @reply, @note, @triage, @delete, @manage_users, @manage_desk)
returning id;

-- name: LockRoleUsers :exec
-- LockRoleUsers locks the users of a role in one order, because a change of the role updates them.
select u.id from users u where u.custom_role = @name::text order by u.id for no key update;

-- name: UpdateRole :execrows
-- UpdateRole changes no row if the role has another version.
update roles set name = @name, name_key = @name_key, see_all = @see_all, reply = @reply, note = @note, triage = @triage,
    "delete" = @delete, manage_users = @manage_users, manage_desk = @manage_desk, version = version + 1
where id = @id and version = @version;

-- name: DeleteRole :execrows
-- DeleteRole deletes no row if a user has the role, or if an open invitation gives it.
delete from roles r where r.id = @id and not exists (select from users u where u.custom_role = r.name)
    and not exists (select from invitations i where i.custom_role = r.name and i.accepted_at is null and i.revoked_at is null);
