-- +goose Up
-- The tickets that staff have opened for customers, by the key of their form, which has the number of its author before it. The
-- form may be sent again for another customer.
create index tickets_opened_for_idx on tickets (submission_id) where position(' ' in submission_id) > 0;

-- +goose Down
drop index tickets_opened_for_idx;
