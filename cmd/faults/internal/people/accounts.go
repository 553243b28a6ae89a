package people

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/account"
)

// password is the password of the accounts that AddRooms makes.
const password = "a password for faults 2026"

// AddRooms adds n customers and n agents to a desk, and returns the rooms of one customer and one
// agent each. It writes to the database directly, so that one password hash is enough for all. The
// desk must be migrated. Accounts of an earlier call are used again.
func AddRooms(ctx context.Context, databaseURL string, n int) ([]Room, error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	hash := account.HashPassword(password)
	rooms := make([]Room, n)
	for i := range rooms {
		rooms[i].Customer = Account{fmt.Sprintf("customer%d@faults.example", i), password}
		rooms[i].Agent = Account{fmt.Sprintf("agent%d@faults.example", i), password}
		_, err := conn.Exec(ctx, `insert into users (username, email, password_hash, role)
			values ($1, $2, $5, 'customer'), ($3, $4, $5, 'agent') on conflict do nothing`,
			fmt.Sprintf("Customer %d", i), rooms[i].Customer.Email, fmt.Sprintf("Agent %d", i), rooms[i].Agent.Email, hash)
		if err != nil {
			return nil, fmt.Errorf("add accounts: %w", err)
		}
	}
	return rooms, nil
}
