-- name: GetSettings :one
select s.values, s.version, s.changed_at, coalesce(u.username, '')::text as changed_by
from settings s left join users u on u.id = s.changed_by;

-- name: SaveSettings :one
-- SaveSettings stores settings, and keeps those that another version of the program has
-- stored and this one does not know. It returns no rows if the settings have another version.
update settings s set values = s.values || @values::jsonb, version = s.version + 1, changed_at = @now::timestamptz, changed_by = @changed_by::bigint
where s.version = @version::int
returning s.version;
