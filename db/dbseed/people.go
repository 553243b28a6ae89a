package dbseed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// The users of a seeded desk have the ids 1 to Users; they are followed by Staff
// members of staff, who only hold sockets.
const (
	Users               = 2000
	Staff               = 2000
	Admin               = 1
	UserWithFifty       = 2 // has exactly 50 tickets, the first with 20 entries
	UserWithFiveHundred = 3 // has 500, of a desk of 550 or more
)

// Email returns the address of a user.
func Email(id int) string { return fmt.Sprintf("user%d@bench.example", id) }

// Cookie returns the Cookie header of a user's session, which ends a day after the
// seeding.
func Cookie(id int) string { return "frontdesk_session=" + token(id) }

func token(id int) string { return fmt.Sprintf("bench-%d", id) }

// requester returns the requester of a ticket: the first 50 tickets are of one customer,
// the next 500 of another, and the others of random ones.
func requester(id int, rnd *rand.Rand) int64 {
	switch {
	case id <= 50:
		return UserWithFifty
	case id <= 550:
		return UserWithFiveHundred
	}
	return int64(4 + rnd.IntN(Users-3))
}

// people creates the accounts with a session for each. Signing in by the form would take
// minutes, because checking a password takes 50 ms of processor time.
func people(ctx context.Context, c *pgx.Conn, o Options) error {
	w := words{rand.New(rand.NewPCG(0, 0))}
	var accounts, sessions [][]any
	for id := 1; id <= Users+Staff; id++ {
		role := "customer"
		if id == Admin || id > Users {
			role = "admin"
		}
		accounts = append(accounts, []any{int64(id), w.word() + " " + w.word(), Email(id), o.PasswordHash, role, o.End, o.End})
		sum := sha256.Sum256([]byte(token(id)))
		data := fmt.Sprintf(`{"user_id":%d,"session_ver":1}`, id)
		sessions = append(sessions, []any{hex.EncodeToString(sum[:]), data, time.Now().Add(24 * time.Hour)})
	}
	if err := copyRows(ctx, c, "users", accounts, "id", "username", "email", "password_hash", "role", "created_at", "updated_at"); err != nil {
		return err
	}
	if err := db.New(c).FillNames(ctx); err != nil {
		return err
	}
	if err := copyRows(ctx, c, "sessions", sessions, "token_hash", "data", "expires_at"); err != nil {
		return err
	}
	return teams(ctx, c)
}

// Teams is the number of teams. The first [assignees] of the staff are members of one each, and the admin is one of the first.
const (
	Teams     = 20
	assignees = 100
)

// teams creates the teams and their members.
func teams(ctx context.Context, c *pgx.Conn) error {
	if err := run(ctx, c, "insert into teams (name, name_key) select 'Team ' || n, 'team ' || n from generate_series(1, $1::int) n", Teams); err != nil {
		return err
	}
	members := [][]any{{int64(1), int64(Admin)}}
	for i := range assignees {
		members = append(members, []any{int64(1 + i%Teams), int64(Users + 1 + i)})
	}
	return copyRows(ctx, c, "team_members", members, "team_id", "user_id")
}

// assignment returns the team and the assignee of a ticket, nil for none. A quarter of the tickets has no
// team. A third of the active ones, and one in 300 of the others, has no assignee, because answers assign;
// of the others one in fifty is the admin's.
func assignment(id int, active bool) (team, assignee any) {
	if id%4 != 0 {
		team = int64(1 + id%Teams)
	}
	switch {
	case id%300 == 0, active && id%3 == 0:
	case id%50 == 7:
		assignee = int64(Admin)
	default:
		assignee = int64(Users + 1 + id%assignees)
	}
	return team, assignee
}
