-- name: KeepForm :execrows
-- KeepForm stores the input of a form for at most twenty pages of a user, so that ended
-- sessions cannot fill the disk. The transaction holds the account's lock (HoldRightAlone),
-- so that no other adds one after the count.
insert into kept_forms (user_id, page, fields, created_at)
select @user_id, @page, @fields, @now
where (select count(*) from kept_forms k where k.user_id = @user_id and k.page <> @page) < 20
on conflict (user_id, page) do update set fields = excluded.fields, created_at = excluded.created_at;

-- name: KeptForm :one
-- KeptForm returns the form of a user that is stored for a page.
select fields, created_at from kept_forms where user_id = @user_id and page = @page and created_at > @since;

-- name: DropForm :exec
-- DropForm removes a form, unless another has been stored for its page since.
delete from kept_forms where user_id = @user_id and page = @page and created_at = @created_at;

-- name: KeptPages :many
-- KeptPages returns the pages for which a form of the user is stored.
select page from kept_forms where user_id = @user_id and created_at > @since order by created_at desc limit 20;

-- name: SweepForms :execrows
delete from kept_forms where ctid = any(array(select o.ctid from kept_forms o where o.created_at < @before limit @max for update skip locked));
