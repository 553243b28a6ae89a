package desk_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/desk"
)

// house is a desk of its own for one test, with ways to put people into it.
type house struct {
	*desk.Desk
	t    testing.TB
	pool *pgxpool.Pool
}

func newHouse(t testing.TB, opts desk.Options) house {
	t.Helper()
	pool := dbtest.New(t)
	return house{desk.New(pool, opts), t, pool}
}

// person opens an account without a password that anybody knows.
func (h house) person(name string, role desk.Role) desk.Actor {
	h.t.Helper()
	email := name + "@example.org"
	id, err := db.New(h.pool).CreateUser(h.t.Context(), db.CreateUserParams{Username: name, Email: email, PasswordHash: "-", Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	return desk.Actor{ID: id, Username: name, Email: email, Role: role}
}

// number reads one number with a query of the test's own.
func (h house) number(sql string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(&n); err != nil {
		h.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
	return n
}

func (h house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
}
