-- name: TakeRate :one
-- TakeRate implements the generic cell rate algorithm: the stored time is when the next
-- request would be due if all came at equal intervals. It returns how many seconds to wait,
-- 0 if the request is allowed. A refused request is not counted. A stored time further in
-- the future than the limit allows, plus a tolerance between clocks, comes from a clock that
-- was wrong: the request is allowed, and the limit counts as used up.
with now as (select @now::timestamptz as t),
kept as (
    insert into rate_limits as r (key, allowed_at)
    select @key, t + make_interval(secs => @every::float8) from now
    on conflict (key) do update
    set allowed_at = least(greatest(r.allowed_at, (select t from now)) + make_interval(secs => @every::float8), (select t from now) + make_interval(secs => @burst::float8))
    where greatest(r.allowed_at, (select t from now)) + make_interval(secs => @every::float8) <= (select t from now) + make_interval(secs => @burst::float8)
       or r.allowed_at > (select t from now) + make_interval(secs => @burst::float8) + interval '1 minute'
    returning 1
)
select (case when exists (select from kept) then 0
       else greatest(0.001, extract(epoch from (select allowed_at from rate_limits l where l.key = @key) + make_interval(secs => @every::float8)
                    - (select t from now) - make_interval(secs => @burst::float8))) end)::float8 as wait;

-- name: GiveRateBack :exec
update rate_limits set allowed_at = allowed_at - make_interval(secs => @every::float8) where key = @key;

-- name: CountLazily :exec
-- CountLazily makes the commit of the transaction not wait for the disk. A crash of the
-- server loses what was counted in the last second.
select set_config('synchronous_commit', 'off', true);

-- name: SweepRates :execrows
delete from rate_limits where ctid = any(array(select o.ctid from rate_limits o where o.allowed_at < @before limit @max for update skip locked));
