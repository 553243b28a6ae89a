package desk

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// AddPerson creates an account without a usable password.
func AddPerson(t testing.TB, pool *pgxpool.Pool, name string, role account.Role) account.Actor {
	t.Helper()
	email := name + "@example.org"
	id, err := db.New(pool).CreateUser(t.Context(), db.CreateUserParams{Username: name, Email: email, PasswordHash: "-", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return account.Actor{ID: id, Username: name, Email: email, Role: role}
}

// Exec executes a statement.
func Exec(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
}
