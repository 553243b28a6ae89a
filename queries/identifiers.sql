-- name: KeylessAccounts :many
-- KeylessAccounts returns accounts after a given one whose address may have another key than
-- its ASCII form, by id.
select id, email from users
where email_key is null and not email_twin and (octet_length(email) <> char_length(email) or lower(email collate "C") like '%xn--%')
  and id > @after
order by id limit @max;

-- name: NormaliseAccount :execrows
-- NormaliseAccount gives an account the key of its address and the form, unless a duplicate is found
-- by that spelling. It returns no rows if another account has the key, or the address has
-- changed since it was read.
update users u set email_key = @key::text, email_twin = false,
    email = case when exists (select from users o where o.id <> u.id and lower(o.email) = lower(@form)) then u.email else @form end
where u.id = @id and u.email = @was
  and not exists (select from users o where o.id <> u.id and not o.email_twin and coalesce(o.email_key, lower(o.email collate "C")) = @key::text);

-- name: MarkDuplicate :exec
update users set email_key = @key::text, email_twin = true where id = @id and email = @was;

-- name: PromoteDuplicates :exec
-- PromoteDuplicates makes the oldest duplicate of an address its account, once no other account has
-- the key of that address.
update users t set email_twin = false
where t.email_twin
  and not exists (select from users o where not o.email_twin and coalesce(o.email_key, lower(o.email collate "C")) = t.email_key)
  and not exists (select from users o where o.email_twin and o.email_key = t.email_key and o.id < t.id);

-- name: AccountDuplicates :many
-- AccountDuplicates returns each duplicate with the account that has its key.
select o.id as kept_id, o.email as kept, t.id as other_id, t.email as other
from users t join users o on not o.email_twin and coalesce(o.email_key, lower(o.email collate "C")) = t.email_key
where t.email_twin order by t.id limit @max;

-- name: NormaliseCategory :exec
update categories set name = @form, name_key = @key::text, name_twin = @twin where id = @id;
