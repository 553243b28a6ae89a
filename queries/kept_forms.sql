-- name: KeepForm :execrows
-- KeepForm stores the input of a form, at most twenty of a user, so that ended sessions cannot
-- fill the disk. The column page has the page of the form and, after a #, the path to which the form
-- was sent: a page may have several forms. The transaction holds the account's lock (HoldRightAlone),
-- so that no other adds one after the count.
insert into kept_forms (user_id, page, fields, created_at)
select @user_id, @key, @fields, @now
where (select count(*) from kept_forms k where k.user_id = @user_id and k.page <> @key) < 20
on conflict (user_id, page) do update set fields = excluded.fields, created_at = excluded.created_at;

-- name: KeptForms :many
-- KeptForms returns the forms of a user that are stored for a page, the newest first.
select page as key, fields, created_at from kept_forms
where user_id = @user_id and split_part(page, '#', 1) = @page::text and created_at > @since
order by created_at desc;

-- name: DropForms :exec
-- DropForms removes forms, except those in whose place another has been stored since.
with dropped as (select d.key, d.created_at from rows from (unnest(@keys::text[]), unnest(@times::timestamptz[])) as d(key, created_at))
delete from kept_forms k using dropped d
where k.user_id = @user_id and k.page = d.key and k.created_at = d.created_at;

-- name: KeptPages :many
-- KeptPages returns the pages for which a form of the user is stored.
select distinct split_part(page, '#', 1)::text as page from kept_forms where user_id = @user_id and created_at > @since limit 20;

-- name: SweepForms :execrows
delete from kept_forms where ctid = any(array(select o.ctid from kept_forms o where o.created_at < @before limit @max for update skip locked));
