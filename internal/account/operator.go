package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// FirstAdmin is the account that [Operator.SeedAdmin] created. Password is "" if it was
// not generated. The zero value means that no account was created.
type FirstAdmin struct{ Email, Password string }

// fallbackAdmin is the first admin's address if none is configured.
const fallbackAdmin = "admin@example.com"

// SeedAdmin creates the first admin of a desk that has none, and otherwise changes
// nothing. If password is "", it generates and returns a one-time password, which must be
// changed at the first sign-in. A weak password is an error.
func (s *Operator) SeedAdmin(ctx context.Context, email, password string) (FirstAdmin, error) {
	var made FirstAdmin
	err := s.tx(ctx, func(q *db.Queries) error {
		made = FirstAdmin{}
		if err := q.LockAccounts(ctx); err != nil {
			return err
		}
		if n, err := countManagers(ctx, q, 0); err != nil || n > 0 {
			return err
		}
		if email == "" {
			email = fallbackAdmin
		}
		made.Email = email
		if password != "" {
			var weak *fault.Invalid
			if errors.As(checkPassword("password", password, email), &weak) {
				return fmt.Errorf("its password is refused: %s", weak.Field("password"))
			}
			return s.addUser(ctx, q, RegisterInput{Email: email, Password: password}, givenRole{role: RoleAdmin}, false)
		}
		made.Password = NewPassword()
		return s.addUser(ctx, q, RegisterInput{Email: email, Password: made.Password}, givenRole{role: RoleAdmin}, true)
	})
	if err != nil {
		return FirstAdmin{}, fmt.Errorf("make the first admin: %w", err)
	}
	return made, nil
}

// AddUser adds an account without checking permissions, for the command line, and
// returns its one-time password. For role see [Users.SetRole].
func (s *Operator) AddUser(ctx context.Context, email, name, role string) (string, error) {
	password := NewPassword()
	return password, s.tx(ctx, func(q *db.Queries) error {
		given, err := roleNamed(ctx, q, role)
		if err != nil {
			return fmt.Errorf("there is no role %q", role)
		}
		return s.addUser(ctx, q, RegisterInput{Username: name, Email: email, Password: password}, given, true)
	})
}

// SetRole sets the role of an account (see [Users.SetRole]) and ends its
// sessions and API tokens, for the command line. It refuses to leave the desk without a user
// who manages users.
func (s *Operator) SetRole(ctx context.Context, email, name string) error {
	return s.operate(ctx, email, func(q *db.Queries, id int64) error {
		if err := q.LockAccounts(ctx); err != nil {
			return err
		}
		given, err := roleNamed(ctx, q, name)
		if err != nil {
			return fmt.Errorf("there is no role %q", name)
		}
		if err := keepsManager(ctx, q, id, given); err != nil {
			return err
		}
		return giveRole(ctx, q, id, given)
	})
}

// keepsManager returns an error if the desk has no account that manages users once the
// account id has another role.
func keepsManager(ctx context.Context, q *db.Queries, id int64, given givenRole) error {
	was, err := q.GetAccount(ctx, db.GetAccountParams{ID: id})
	if err != nil || given.permissions.Has(ManageAccounts) || !(Account{was}).permissions().Has(ManageAccounts) {
		return err
	}
	n, err := countManagers(ctx, q, id)
	if err == nil && n == 0 {
		err = errors.New("this is the last account that manages users: make another one an admin first")
	}
	return err
}

// countManagers counts the enabled accounts that manage users, without one of them (0 for none).
func countManagers(ctx context.Context, q *db.Queries, without int64) (int64, error) {
	in := db.CountManagersParams{Without: without, Permission: int32(PermissionsOf(ManageAccounts))}
	for role, set := range builtIn {
		if set.Has(ManageAccounts) {
			in.Roles = append(in.Roles, string(role))
		}
	}
	return q.CountManagers(ctx, in)
}

// ResetPassword sets and returns a one-time password for an account, and ends its
// sessions and API tokens, for the command line.
func (s *Operator) ResetPassword(ctx context.Context, email string) (string, error) {
	password := NewPassword()
	hash := s.cost.Hash(password)
	return password, s.operate(ctx, email, func(q *db.Queries, id int64) error {
		return q.SetOneTimePassword(ctx, db.SetOneTimePasswordParams{ID: id, PasswordHash: hash})
	})
}

// OperatorAccount is one account as the command line lists it.
type OperatorAccount struct{ db.EveryAccountRow }

// RoleName returns the name of the account's role, see [Users.SetRole].
func (a OperatorAccount) RoleName() string { return roleName(a.Role, a.CustomRole) }

// Accounts returns all accounts, admins first.
func (s *Operator) Accounts(ctx context.Context) ([]OperatorAccount, error) {
	all, err := s.q.EveryAccount(ctx)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	out := make([]OperatorAccount, len(all))
	for i, a := range all {
		out[i] = OperatorAccount{a}
	}
	return out, nil
}

// operate runs change on the account with the address, and ends its API tokens, in one
// transaction.
func (s *Operator) operate(ctx context.Context, email string, change func(q *db.Queries, id int64) error) error {
	return s.tx(ctx, func(q *db.Queries) error {
		user, err := q.GetUserByEmail(ctx, db.GetUserByEmailParams{Email: email, Key: input.EmailKey(email)})
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("there is no account with the address %s", email)
		}
		if err == nil {
			err = change(q, user.ID)
		}
		if err == nil {
			err = s.endTokens(ctx, q, user.ID)
		}
		if err != nil {
			return fmt.Errorf("change account: %w", err)
		}
		return nil
	})
}

// addUser adds an account in the caller's transaction, with the checks of a registration.
// Without a name it gets the part of the address before the "@". oneTime requires another
// password at the first sign-in.
func (s *Operator) addUser(ctx context.Context, q *db.Queries, in RegisterInput, given givenRole, oneTime bool) error {
	if in.Username == "" {
		in.Username, _, _ = strings.Cut(in.Email, "@")
	}
	if err := input.Check(&in); err != nil {
		return err
	}
	_, err := q.CreateUser(ctx, db.CreateUserParams{Username: in.Username, Email: in.Email, EmailKey: input.EmailKey(in.Email), PasswordHash: s.cost.Hash(in.Password),
		Role: given.role, CustomRole: given.custom, MustChangePassword: oneTime})
	if db.Violates(err, "users_email_key") {
		return fmt.Errorf("there is an account with the address %s already", in.Email)
	}
	return err
}

// NewPassword returns a random password of 100 bits in five groups of four letters and
// digits, which is easy to read aloud.
func NewPassword() string {
	raw := make([]byte, 13)
	rand.Read(raw)
	text := strings.ToLower(base32.StdEncoding.EncodeToString(raw))[:20]
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16], text[16:]}, "-")
}
