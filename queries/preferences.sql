-- name: GetPreferences :one
select mail_prefs, page_prefs from users where id = @id;

-- name: SetPreferences :exec
-- SetPreferences changes those preferences that mail and page have.
update users set mail_prefs = mail_prefs || @mail, page_prefs = page_prefs || @page where id = @id;

-- name: WantsAnswers :one
-- WantsAnswers reports whether a user gets answers by mail.
select (disabled_at is null and wants_mail(mail_prefs, 'answer'))::boolean as wants from users where id = @id;
