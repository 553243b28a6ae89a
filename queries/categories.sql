-- name: ListCategories :many
-- ListCategories returns all categories in their order, those in use first.
select * from categories order by retired_at is not null, position, id;

-- name: LockCategories :exec
-- LockCategories lets one transaction at a time change categories, so that the last one in
-- use cannot be removed.
select pg_advisory_xact_lock(7002);

-- name: AddCategory :exec
insert into categories (name, name_key, position) values (@name, @name_key::text, (select coalesce(max(position), 0) + 1 from categories));

-- name: RenameCategory :exec
-- RenameCategory renames a category. A duplicate whose name does not change keeps its spelling.
update categories set name = case when name_twin and @same_name::boolean then name else @name end,
    name_key = @name_key::text, name_twin = name_twin and @same_name::boolean
where id = @id;

-- name: SetCategoryPosition :exec
update categories set position = @position where id = @id and position <> @position;

-- name: RetireCategory :exec
-- RetireCategory takes a category out of use; a null time restores it.
update categories set retired_at = sqlc.narg(retired_at) where id = @id;
