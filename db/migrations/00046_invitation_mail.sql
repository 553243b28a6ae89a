-- +goose Up
-- The hash of the token that was mailed. The link to copy has another token, so that a user of the
-- mailed link has proved that the address is theirs. The previous version of the program does not
-- read it: there the mailed link is not valid.
alter table invitations add column mail_hash bytea constraint invitations_mail_key unique;

-- +goose Down
alter table invitations drop column mail_hash;
