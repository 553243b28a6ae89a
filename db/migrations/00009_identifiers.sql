-- +goose Up
-- E-mail addresses and names of categories are compared by a key that the program
-- computes (see internal/input/identifier.go): other spellings of one identifier,
-- such as café composed or not, or a domain in letters or in ASCII, have one key.
-- A missing key means the identifier with A to Z in lower case, which is the key of nearly
-- all of them; with collation "C" this is the same in every locale.
-- A duplicate had the same key as another row when this was introduced, or was written
-- by an older version of the program. It keeps working by its own spelling.
alter table users
    add column email_key text,
    add column email_twin boolean not null default false;
alter table categories
    add column name_key text,
    add column name_twin boolean not null default false;

-- In some locales lower() maps A to Z differently, so duplicates may exist.
update users u set email_twin = true, email_key = lower(u.email collate "C")
from (select id, row_number() over (partition by lower(email collate "C") order by id) as n from users) o
where o.id = u.id and o.n > 1;
update categories c set name_twin = true, name_key = lower(c.name collate "C")
from (select id, row_number() over (partition by lower(name collate "C") order by id) as n from categories) o
where o.id = c.id and o.n > 1;

-- The unique indexes keep their names: versions of the program before this one
-- know them. The other index is for their lookups, and for those of duplicates.
drop index users_email_key;
create unique index users_email_key on users (coalesce(email_key, lower(email collate "C"))) where not email_twin;
create index users_email_idx on users (lower(email));
drop index categories_name_key;
create unique index categories_name_key on categories (coalesce(name_key, lower(name collate "C"))) where not name_twin;

-- Addresses whose key may differ from the assumed one until it is computed.
create index users_keyless_idx on users (id)
    where email_key is null and not email_twin and (octet_length(email) <> char_length(email) or lower(email collate "C") like '%xn--%');
create index users_twin_idx on users (email_key, id) where email_twin;

-- An older version changes an identifier without its key, so the key is computed again.
-- +goose StatementBegin
create function users_respelled() returns trigger
language plpgsql as $$
begin
    new.email_key := null;
    new.email_twin := false;
    return new;
end
$$;
-- +goose StatementEnd

create trigger users_respelled before update of email on users
    for each row when (lower(new.email) <> lower(old.email) and new.email_key = old.email_key)
    execute function users_respelled();

-- +goose StatementBegin
create function categories_respelled() returns trigger
language plpgsql as $$
begin
    new.name_key := null;
    new.name_twin := false;
    return new;
end
$$;
-- +goose StatementEnd

create trigger categories_respelled before update of name on categories
    for each row when (lower(new.name) <> lower(old.name) and new.name_key = old.name_key)
    execute function categories_respelled();

-- +goose Down
drop trigger categories_respelled on categories;
drop trigger users_respelled on users;
drop function categories_respelled, users_respelled;
drop index users_twin_idx, users_keyless_idx, users_email_idx, users_email_key, categories_name_key;
create unique index categories_name_key on categories (lower(name));
create unique index users_email_key on users (lower(email));
alter table categories drop column name_key, drop column name_twin;
alter table users drop column email_key, drop column email_twin;
