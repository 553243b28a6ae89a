-- +goose Up
-- The events of a mail to staff, so that those which its reader must not or need not see any more
-- are left out when it is sent: [{"ticket": 1, "seq": 2, "reason": "assigned"}]. Null for other mails
-- and for those that the previous version of the program wrote.
alter table mail_out add column events jsonb;

-- The number of mails that failed since a time.
create index mail_out_failed_idx on mail_out (finished_at) where state = 'failed';

-- +goose Down
drop index mail_out_failed_idx;
alter table mail_out drop column events;
