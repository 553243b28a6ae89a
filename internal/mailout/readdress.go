package mailout

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/mail"
)

// readdress sends a mail about tickets to the present address of its user, who has changed it since the
// mail was written. A mail to an address that mail cannot carry fails.
func (m *composer) readdress(ctx context.Context, id int64) error {
	return m.tx(ctx, func(q *db.Queries) error {
		row, err := q.MovedMail(ctx, db.MovedMailParams{ID: id, Now: m.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a mail to a former address: %w", err)
		}
		addr, problem := m.deliverable(row.Email)
		if problem != nil {
			return q.GiveUpMail(ctx, db.GiveUpMailParams{ID: id, Now: m.Now(), Text: cannotGetMail(problem)})
		}
		raw, err := mail.Readdress(row.Raw, mail.Address{Name: row.Username, Addr: addr})
		if err != nil {
			return fmt.Errorf("address mail %d again: %w", id, err)
		}
		if err := q.ReaddressMail(ctx, db.ReaddressMailParams{ID: id, Email: row.Email, Raw: raw, Addr: addr}); err != nil {
			return fmt.Errorf("store a mail to another address: %w", err)
		}
		return nil
	})
}

// deliverable returns an address as mail carries it. problem says why no mail is sent to it.
func (m *composer) deliverable(email string) (addr string, problem error) {
	addr, problem = mail.Carriable(email)
	if problem == nil && m.isOwnAddress(addr) {
		problem = errors.New("it is an address of this desk")
	}
	return addr, problem
}
