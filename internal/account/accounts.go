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

// RegisterInput is the form with which a customer creates an account.
type RegisterInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Email    string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`
}

// SignInInput is the sign-in form.
type SignInInput struct {
	Email    string `form:"email" json:"email" validate:"required,max=254,line"`
	Password string `form:"password" json:"password" validate:"required,max=1024,storable" keep:"space"`
}

// ProfileInput changes the actor's own name and address. Current is the password.
type ProfileInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Email    string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Current  string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"`
}

// PasswordInput changes the actor's own password.
type PasswordInput struct {
	Current  string `form:"current" json:"current" validate:"required,max=1024,storable" keep:"space"`
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`

	KeepTokens bool // personal API tokens stay valid
}

// SignedIn is the user of a new session with the session version of the account. A
// session is valid only while the account has the same session version.
type SignedIn struct {
	Actor
	SessionVer int32
}

// SignIn checks an e-mail address and a password, and returns the user. For an unknown
// address, a wrong password or a disabled account it returns [fault.ErrCredentials] after
// the same time, so that it does not reveal which accounts exist. Attempts are limited by
// network address and by account ([*fault.Limited]). A user whose password is published
// (see [IsPublished]) must change it before anything else.
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
	ok, outdated, err := s.verify(ctx, user.PasswordHash, in.Password)
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
	if !user.MustChangePassword && IsPublished(in.Password) { // chosen before such passwords were refused, or imported
		user.MustChangePassword = true
		if err := s.q.RequireNewPassword(ctx, user.ID); err != nil {
			return SignedIn{}, fmt.Errorf("require a new password: %w", err)
		}
	}
	return SignedIn{Actor{ID: user.ID, Username: user.Username, Email: user.Email, Role: user.Role, MustChangePassword: user.MustChangePassword}.WithCustomRole(user.CustomRole, user.Permissions), user.SessionVer}, nil
}

// renewHash stores the hash of the password with the current parameters.
func (s *Service) renewHash(ctx context.Context, id int64, outdated, password string) error {
	hash, err := s.cost.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.q.RehashPassword(ctx, db.RehashPasswordParams{ID: id, PasswordHash: hash, Outdated: outdated})
}

// accountNetworks is the ratio of the sign-in limit of an account to that of a network
// address. Attempts from one network address cannot use up the limit of an account and so
// lock its user out.
const accountNetworks = 10

// CountSignIn counts one attempt to sign in, and returns [*fault.Limited] if there were
// too many. [Service.SignIn] counts by itself. A caller that answers without calling it,
// and so reveals whether the password was right, must call CountSignIn.
func (s *Service) CountSignIn(ctx context.Context, in SignInInput, from netip.Addr) error {
	if err := input.Check(&in); err != nil {
		return err
	}
	return s.allowSignIn(ctx, in.Email, from)
}

// allowSignIn counts an attempt to sign in under the limits of the network address and of
// the account.
func (s *Service) allowSignIn(ctx context.Context, email string, from netip.Addr) error {
	rate := s.limits.SignIn
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("signin", from), rate); err != nil {
		return err
	}
	rate.N *= accountNetworks
	return s.limiter.Allow(ctx, s.q, limit.OfEmail("signin", email), rate)
}

// ChangeProfile changes the actor's name and e-mail address. It returns [*fault.Invalid]
// for a wrong password or an address that another account has, and [*fault.Limited] after
// too many attempts. An address that stays the same is not checked: it may have been stored under
// older rules. If the desk sends mail, another address is used only after it was confirmed, see
// [Addresses.Pending]: ChangeProfile mails a link to it and returns it. Otherwise it returns "".
func (s *Service) ChangeProfile(ctx context.Context, actor Actor, in ProfileInput) (mailed string, err error) {
	err = input.Check(&in)
	sameEmail := in.Email == input.EmailForm(actor.Email)
	if sameEmail {
		err = fault.Without(err, "email")
	}
	if err != nil {
		return "", err
	}
	if _, err := s.confirm(ctx, actor, in.Current); err != nil {
		return "", err
	}
	asks := !sameEmail && s.mailer.Enabled()
	if asks { // each request mails an address of the user's choice
		if err := s.checkReachable(in.Email); err != nil {
			return "", err
		}
		if err := s.limiter.Allow(ctx, s.q, limit.OfUser("address", actor.ID), s.limits.Register); err != nil {
			return "", err
		}
	}
	err = s.ActAs(ctx, actor, func(q *db.Queries) error {
		if asks {
			return s.Addresses.askForAddress(ctx, q, actor, in)
		}
		return q.UpdateProfile(ctx, db.UpdateProfileParams{ID: actor.ID, Username: in.Username,
			Email: in.Email, EmailKey: input.EmailKey(in.Email), SameEmail: sameEmail})
	})
	if db.Violates(err, "users_email_key") || errors.Is(err, fault.ErrEmailTaken) {
		return "", errAddressTaken
	}
	if err != nil {
		return "", fmt.Errorf("change profile: %w", err)
	}
	if asks {
		mailed = in.Email
	}
	return mailed, nil
}

// errAddressTaken is returned if another account has the address that a user wants.
var errAddressTaken = fault.NewInvalid("email", "Another account has this address. Use another one.")

// SwitchShortcuts switches shortcuts of a single key on or off for the actor.
func (s *Service) SwitchShortcuts(ctx context.Context, actor Actor, on bool) error {
	err := s.ActAs(ctx, actor, func(q *db.Queries) error {
		return q.SwitchShortcuts(ctx, db.SwitchShortcutsParams{ID: actor.ID, Off: !on})
	})
	if err != nil {
		return fmt.Errorf("switch shortcuts: %w", err)
	}
	return nil
}
