-- +goose Up
-- A socket ends with the signed token that its ticket was made with. The column is
-- null for a personal token, and in tickets of the version before, which last 30 s.
alter table ws_tickets add column token_expires_at timestamptz;

-- +goose Down
alter table ws_tickets drop column token_expires_at;
