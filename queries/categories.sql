-- name: ListCategories :many
-- Those in use first, in their own order.
select * from categories order by retired_at is not null, position, id;
