package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
)

// options has the clock and the limits of the accounts of a test.
type options struct {
	Now    func() time.Time
	Limits limit.Limits
}

// fixture has the accounts of one test and methods that add users.
type fixture struct {
	*account.Service
	t    testing.TB
	pool *pgxpool.Pool
}

// newFixture returns a service of accounts with a database of its own.
func newFixture(t testing.TB, opts options) fixture {
	t.Helper()
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Limits == (limit.Limits{}) {
		opts.Limits = limit.Defaults
	}
	pool := dbtest.New(t)
	return fixture{account.New(pool, opts.Now, opts.Limits, account.Cost{}, nil), t, pool}
}

// person creates an account without a usable password.
func (h fixture) person(name string, role account.Role) account.Actor {
	h.t.Helper()
	email := name + "@example.org"
	id, err := db.New(h.pool).CreateUser(h.t.Context(), db.CreateUserParams{Username: name, Email: email, PasswordHash: "-", Role: role})
	if err != nil {
		h.t.Fatal(err)
	}
	return account.Actor{ID: id, Username: name, Email: email, Role: role}
}

// number returns the number that a query selects.
func (h fixture) number(sql string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(&n); err != nil {
		h.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
	return n
}

// exec executes a statement.
func (h fixture) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
}

// signInLimits returns options that allow three attempts to sign in per 15 minutes.
func signInLimits() options {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 3, Per: 15 * time.Minute}
	return options{Limits: limits}
}

// stored inserts an account without a key for its address, as older versions of the program
// did, and returns its ID.
func (h fixture) stored(email string) (id int64) {
	h.t.Helper()
	return h.number("insert into users (username, email, password_hash) values ('Ana', $1, $2) returning id", email, account.HashWith("twelve letters", 8, 1))
}
