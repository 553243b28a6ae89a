-- name: ListUsers :many
-- ListUsers returns staff first, then the newest users; with back, the page that ends before
-- the cursor, in reverse order. Tickets are those that the viewer may read. needle is a pattern for search_names; needle_before is one
-- for the names themselves, used until search_names is filled. Run it through db.Planned:
-- conditions that do not apply are removed, and one of three indexes is used.
select u.id, u.username, u.email, u.role, u.custom_role, u.disabled_at, u.seen_at,
    (select count(*) from (select from tickets t where t.requester_id = u.id and t.deleted_at is null
        and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id) limit 100) c) as tickets
from users u
where (not @staff::boolean or works_as_staff(u.role))
    and (not @customers::boolean or not works_as_staff(u.role))
    and (not @disabled::boolean or u.disabled_at is not null)
    and (@needle::text = '' or exists (select from search_names n where n.user_id = u.id and n.name like @needle::text))
    and (@needle_before::text = '' or lower(u.username || ' ' || u.email) like @needle_before::text)
    and (@at_id::bigint = 0 or @back::boolean or (u.role, u.id) < (nullif(@at_role::text, '')::user_role, @at_id::bigint))
    and (@at_id::bigint = 0 or not @back::boolean or (u.role, u.id) > (nullif(@at_role::text, '')::user_role, @at_id::bigint))
order by case when not @back::boolean then u.role end desc, case when not @back::boolean then u.id end desc,
         case when @back::boolean then u.role end, case when @back::boolean then u.id end
limit @max;

-- name: FindRequesters :many
-- FindRequesters returns enabled users whose name or e-mail address has a text, first those with
-- exactly this name. It looks at 200 of the names with the text, because a common one has many. For needle and
-- needle_before see ListUsers; run it through db.Planned like that.
with found as (
    (select n.user_id from search_names n where @needle::text <> '' and n.name like @needle::text limit 200)
    union all
    (select u.id from users u where @needle_before::text <> '' and lower(u.username || ' ' || u.email) like @needle_before::text limit 200)
)
select u.id, u.username, u.email from found f join users u on u.id = f.user_id
where u.disabled_at is null
order by lower(u.username) = lower(@q::text) desc, lower(u.username), u.id
limit @max;

-- name: CountUsers :one
-- CountUsers returns the numbers for the tabs, each counted up to a limit.
select
    (select count(*) from (select from users limit @max) a) as everyone,
    (select count(*) from (select from users where works_as_staff(role) limit @max) a) as staff,
    (select count(*) from (select from users where not works_as_staff(role) limit @max) a) as customers,
    (select count(*) from (select from users where disabled_at is not null limit @max) a) as disabled;

-- name: GetAccount :one
-- GetAccount returns an account as staff see it. Tickets are those that the viewer may read, up to
-- 100; in an unreadable team is a member of a team whose tickets the viewer may not read.
select u.id, u.username, u.email, u.role, u.custom_role, u.permissions, u.disabled_at, u.seen_at, u.created_at, u.must_change_password,
    (select count(*) from (select from tickets t where t.requester_id = u.id and t.deleted_at is null
        and may_read(@reach::text, @viewer::bigint, t.requester_id, t.team_id) limit 100) c) as tickets,
    exists (select from team_members m where m.user_id = u.id and not may_read(@reach, @viewer, 0, m.team_id))::boolean as in_unreadable_team
from users u where u.id = @id;

-- name: LockAccount :exec
-- LockAccount locks the row of a user until the transaction ends, so that they do not join a team while their role changes.
select from users where id = @id for no key update;

-- name: SetUserRole :exec
-- SetUserRole changes the role and ends the account's sessions, which were made for the old
-- role.
update users set role = @role, custom_role = sqlc.narg('custom_role'), session_ver = session_ver + 1, updated_at = now() where id = @id;

-- name: SetUserDisabled :exec
update users set disabled_at = case when @disabled::boolean then coalesce(disabled_at, @now::timestamptz) end,
    session_ver = session_ver + 1, updated_at = now()
where id = @id;

-- name: SetOneTimePassword :exec
update users set password_hash = @password_hash, must_change_password = true, session_ver = session_ver + 1, updated_at = now()
where id = @id;
