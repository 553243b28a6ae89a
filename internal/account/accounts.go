package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// RegisterInput is what a customer fills in to open an account.
type RegisterInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Email    string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`
}

// SignInInput is what opens a session.
type SignInInput struct {
	Email    string `form:"email" json:"email" validate:"required,max=254,line"`
	Password string `form:"password" json:"password" validate:"required,max=1024,storable" keep:"space"`
}

// ProfileInput changes one's own name and address; the password is asked again.
type ProfileInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Email    string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Current  string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"`
}

// PasswordInput changes one's own password.
type PasswordInput struct {
	Current  string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"`
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`

	KeepTokens bool // personal API tokens go on working
}

// SignedIn is who a session is made for, and under which version of the
// account: a session of another version is none.
type SignedIn struct {
	Actor
	SessionVer int32
}

// Register opens a customer's account. An address that has one already is
// [*fault.Invalid] and [fault.ErrEmailTaken]; more accounts than the limit from one network address [*fault.Limited].
func (s *Service) Register(ctx context.Context, in RegisterInput, from netip.Addr) (SignedIn, error) {
	err := fault.Merge(input.Check(&in), checkPassword("password", in.Password, in.Username, in.Email))
	if err != nil {
		return SignedIn{}, err
	}
	if err := s.CountRegister(ctx, from); err != nil {
		return SignedIn{}, err
	}
	hash, err := hashPassword(ctx, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hash password: %w", err)
	}
	id, err := s.q.CreateUser(ctx, db.CreateUserParams{Username: in.Username, Email: in.Email, EmailKey: input.EmailKey(in.Email), PasswordHash: hash, Role: RoleCustomer})
	if db.Violates(err, "users_email_key") {
		return SignedIn{}, errors.Join(fault.ErrEmailTaken, fault.NewInvalid("email", "This address already has an account: sign in, or use another address."))
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("create account: %w", err)
	}
	return SignedIn{Actor{ID: id, Username: in.Username, Email: in.Email, Role: RoleCustomer}, 1}, nil
}

// SignIn checks an address and a password. Unknown, wrong and disabled are one
// answer, [fault.ErrCredentials], and take the same time; attempts are limited by
// network address and by account ([*fault.Limited]). Somebody who signs in with a
// published password has to choose another one first.
func (s *Service) SignIn(ctx context.Context, in SignInInput, from netip.Addr) (SignedIn, error) {
	if err := input.Check(&in); err != nil {
		return SignedIn{}, err
	}
	if err := s.allowSignIn(ctx, in.Email, from); err != nil {
		return SignedIn{}, err
	}
	user, err := s.q.GetUserByEmail(ctx, db.GetUserByEmailParams{Email: in.Email, Key: input.EmailKey(in.Email)})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return SignedIn{}, fmt.Errorf("read account: %w", err)
	}
	ok, outdated, err := verifyPassword(ctx, user.PasswordHash, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("check password: %w", err)
	}
	if !ok || user.DisabledAt != nil {
		return SignedIn{}, fault.ErrCredentials
	}
	if outdated {
		if err := s.renewHash(ctx, user.ID, user.PasswordHash, in.Password); err != nil {
			return SignedIn{}, fmt.Errorf("renew hash: %w", err)
		}
	}
	if !user.MustChangePassword && IsPublished(in.Password) { // chosen before it was refused, or imported
		user.MustChangePassword = true
		if err := s.q.RequireNewPassword(ctx, user.ID); err != nil {
			return SignedIn{}, fmt.Errorf("require a new password: %w", err)
		}
	}
	return SignedIn{Actor{ID: user.ID, Username: user.Username, Email: user.Email, Role: user.Role, MustChangePassword: user.MustChangePassword}, user.SessionVer}, nil
}

// renewHash keeps the password under today's parameters.
func (s *Service) renewHash(ctx context.Context, id int64, outdated, password string) error {
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.q.RehashPassword(ctx, db.RehashPasswordParams{ID: id, PasswordHash: hash, Outdated: outdated})
}

// accountNetworks is how many networks have to guess at once to use up an
// account's own limit: a single stranger's guesses keep nobody out of theirs.
const accountNetworks = 10

// CountRegister counts one account that is asked for, and is [*fault.Limited] where
// those were too many. [Service.Register] does it by itself.
func (s *Service) CountRegister(ctx context.Context, from netip.Addr) error {
	return s.limiter.Allow(ctx, s.q, limit.OfNetwork("register", from), s.limits.Register)
}

// CountSignIn counts one attempt to sign in, and is [*fault.Limited] where those were
// too many. [Service.SignIn] does it by itself; it is for whoever answers without
// it, and tells by that whether a password was right.
func (s *Service) CountSignIn(ctx context.Context, in SignInInput, from netip.Addr) error {
	if err := input.Check(&in); err != nil {
		return err
	}
	return s.allowSignIn(ctx, in.Email, from)
}

func (s *Service) allowSignIn(ctx context.Context, email string, from netip.Addr) error {
	rate := s.limits.SignIn
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("signin", from), rate); err != nil {
		return err
	}
	rate.N *= accountNetworks
	return s.limiter.Allow(ctx, s.q, limit.OfEmail("signin", email), rate)
}

// ChangeProfile changes the actor's name and address. An address that stays the same is
// not checked: it may have been stored under older rules.
func (s *Service) ChangeProfile(ctx context.Context, actor Actor, in ProfileInput) error {
	err := input.Check(&in)
	sameEmail := in.Email == input.EmailForm(actor.Email)
	if sameEmail {
		err = fault.Without(err, "email")
	}
	if err != nil {
		return err
	}
	if _, err := s.confirm(ctx, actor, in.Current); err != nil {
		return err
	}
	err = s.ActAs(ctx, actor, func(q *db.Queries) error {
		return q.UpdateProfile(ctx, db.UpdateProfileParams{ID: actor.ID, Username: in.Username,
			Email: in.Email, EmailKey: input.EmailKey(in.Email), SameEmail: sameEmail})
	})
	if db.Violates(err, "users_email_key") {
		return fault.NewInvalid("email", "Another account has this address. Use another one.")
	}
	if err != nil {
		return fmt.Errorf("change profile: %w", err)
	}
	return nil
}

// ChangePassword changes the actor's password and ends every session, and the
// personal API tokens unless they are to be kept. The returned version is for the
// session that goes on.
func (s *Service) ChangePassword(ctx context.Context, actor Actor, in PasswordInput) (version int32, err error) {
	err = fault.Merge(input.Check(&in), checkPassword("password", in.Password, actor.Username, actor.Email, in.Current))
	if err != nil {
		return 0, err
	}
	confirmed, err := s.confirm(ctx, actor, in.Current)
	if err != nil {
		return 0, err
	}
	hash, err := hashPassword(ctx, in.Password)
	if err != nil {
		return 0, fmt.Errorf("hash password: %w", err)
	}
	err = s.actAlone(ctx, actor, func(q *db.Queries) (err error) {
		version, err = q.UpdatePassword(ctx, db.UpdatePasswordParams{ID: actor.ID, PasswordHash: hash, Confirmed: confirmed})
		if err != nil || in.KeepTokens {
			return err
		}
		return s.endTokens(ctx, q, actor.ID)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotCurrent // it was, until a moment ago
	}
	return version, db.Found(err, "change password")
}

// confirm asks for the actor's password again, as often as one may sign in. It
// is counted by itself: strangers can use up the limit of signing in. It
// returns the password's hash.
func (s *Service) confirm(ctx context.Context, actor Actor, password string) (hash string, err error) {
	if err := s.limiter.Allow(ctx, s.q, limit.OfUser("confirm", actor.ID), s.limits.SignIn); err != nil {
		return "", err
	}
	user, err := s.q.GetUserByID(ctx, actor.ID)
	if err != nil {
		return "", db.Found(err, "read account")
	}
	ok, _, err := verifyPassword(ctx, user.PasswordHash, password)
	if err != nil {
		return "", fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return "", errNotCurrent
	}
	return user.PasswordHash, nil
}

var errNotCurrent = fault.NewInvalid("current", "That is not your current password. Type it again.")
