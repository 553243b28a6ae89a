-- +goose Up
-- The hash of the token that was mailed. The link to copy has another token, so that whoever uses
-- the mailed one has shown that the address is theirs. The version of the program before does not
-- know it: there the mailed link is not valid.
alter table invitations add column mail_hash bytea constraint invitations_mail_key unique;

-- +goose Down
alter table invitations drop column mail_hash;
