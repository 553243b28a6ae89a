-- +goose Up
-- The list of outgoing mail is searched by the address of a recipient. Without the index each search reads all mails.
create index mail_rcpt_addr_idx on mail_rcpt (lower(addr), mail_out_id desc);

-- +goose Down
drop index mail_rcpt_addr_idx;
