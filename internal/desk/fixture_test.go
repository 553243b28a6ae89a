package desk_test

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// fixture is a desk with its own database for one test, with methods that add users.
type fixture struct {
	*desk.Desk
	t    testing.TB
	pool *pgxpool.Pool
}

// newFixture returns a desk with a database of its own and fast hashing, in which the
// first reply does not assign.
func newFixture(t testing.TB, opts desk.Options) fixture {
	t.Helper()
	pool := dbtest.New(t)
	opts.Cost = account.Cost{Memory: 64, Time: 1} // fast hashing
	h := fixture{desk.New(pool, opts), t, pool}
	h.SetFirstReplyAssigns(t, false)
	return h
}

// person creates an account without a usable password.
func (h fixture) person(name string, role account.Role) account.Actor {
	h.t.Helper()
	return desk.AddPerson(h.t, h.pool, name, role)
}

// number returns the number that a query reads.
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
	desk.Exec(h.t, h.pool, sql, args...)
}

var somewhere = netip.MustParseAddr("192.0.2.7")

// clock is a clock that a test can advance.
type clock struct{ ahead atomic.Int64 }

// now returns the time of the clock.
func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// later moves the clock forward.
func (c *clock) later(d time.Duration) { c.ahead.Add(int64(d)) }

// options returns options with this clock.
func (c *clock) options() desk.Options { return desk.Options{Now: c.now} }

// signIn signs in from a fixed address.
func signIn(h fixture, email, password string) (account.SignedIn, error) {
	return h.Accounts.SignIn(h.t.Context(), account.SignInInput{Email: email, Password: password}, somewhere)
}

// open saves a session of the actor under the token.
func (h fixture) open(token string, actor account.Actor) {
	h.t.Helper()
	values := fmt.Appendf(nil, `{"user_id":%d,"session_ver":1,"agent":"Lynx"}`, actor.ID)
	if err := h.Accounts.Sessions.Store().CommitCtx(h.t.Context(), token, values, h.Now().Add(account.SessionLifetime)); err != nil {
		h.t.Fatal(err)
	}
}

// whose returns the user id of a session: 0 if it has no user, -1 if there is no session.
func (h fixture) whose(token string) int64 {
	h.t.Helper()
	var found account.StoredSession
	_, ok, err := h.Accounts.Sessions.Store().FindCtx(account.WithStored(h.t.Context(), &found), token)
	if err != nil {
		h.t.Fatal(err)
	}
	if !ok {
		return -1
	}
	return found.Account.ID
}
