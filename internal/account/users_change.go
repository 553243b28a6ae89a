package account

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// AddUserInput is the form with which an admin adds an account.
type AddUserInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Email    string `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Role     string `form:"role" json:"role" validate:"required,max=60,line"` // customer, agent, admin, or the name of a role that admins have made
}

// Add creates an account and returns its id and a one-time password, which the user
// must change at the first sign-in. The password is not stored and cannot be shown again.
// It returns [*fault.Invalid] for a role that the actor may not give, and
// [fault.ErrForbidden] without [ManageAccounts].
func (s *Users) Add(ctx context.Context, actor Actor, in AddUserInput) (id int64, password string, err error) {
	if !actor.Can(ManageAccounts) {
		return 0, "", fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return 0, "", err
	}
	password = NewPassword()
	hash, err := s.cost.hash(ctx, password)
	if err != nil {
		return 0, "", fmt.Errorf("hash password: %w", err)
	}
	err = s.actOnAccount(ctx, actor, 0, func(q *db.Queries) error {
		given, err := s.findRole(ctx, q, actor, in.Role)
		if err != nil {
			return err
		}
		if err := s.isNotReserved(ctx, q, in.Email, 0); err != nil {
			return err
		}
		id, err = q.CreateUser(ctx, db.CreateUserParams{Username: in.Username, Email: in.Email, EmailKey: input.EmailKey(in.Email),
			PasswordHash: hash, Role: given.role, CustomRole: given.custom, MustChangePassword: true})
		return err
	})
	switch {
	case db.Violates(err, "users_email_key"):
		return 0, "", fault.NewInvalid("email", "This address already has an account. Use another one.")
	case errors.Is(err, fault.ErrEmailTaken):
		return 0, "", fault.NewInvalid("email", "This is the former address of an account, whose owner can still take it back. Use another one.")
	}
	if err != nil {
		return 0, "", fmt.Errorf("add user: %w", err)
	}
	return id, password, nil
}

// SetRole changes the role of an account and ends its sessions and API tokens, because
// they were created for another role. A user who becomes a customer leaves their teams. The name
// is customer, agent, admin, or that of a role that admins have made. It returns [*fault.Invalid] for a role that the actor may not give,
// and [fault.ErrOwnAccount] for the actor's own account, so that the last user who manages
// users keeps the role.
func (s *Users) SetRole(ctx context.Context, actor Actor, id int64, name string) error {
	return s.changeAccount(ctx, actor, id, func(q *db.Queries, a Account) error {
		given, err := s.findRole(ctx, q, actor, name)
		if err != nil || a.RoleName() == name {
			return err
		}
		if err := giveRole(ctx, q, id, given); err != nil {
			return err
		}
		return s.endTokens(ctx, q, id)
	})
}

// giveRole sets the role of an account. A user who becomes a customer leaves their teams.
func giveRole(ctx context.Context, q *db.Queries, id int64, given givenRole) error {
	if given.role == RoleCustomer {
		if err := q.LockAccount(ctx, id); err != nil {
			return fmt.Errorf("lock account: %w", err)
		}
		if err := q.LeaveTeams(ctx, id); err != nil {
			return fmt.Errorf("leave teams: %w", err)
		}
	}
	return q.SetUserRole(ctx, db.SetUserRoleParams{ID: id, Role: given.role, CustomRole: given.custom})
}

// SetDisabled disables an account and ends its sessions and API tokens, or enables it
// again. It returns [fault.ErrOwnAccount] for the actor's own account, and so the last
// admin stays enabled.
func (s *Users) SetDisabled(ctx context.Context, actor Actor, id int64, disabled bool) error {
	return s.changeAccount(ctx, actor, id, func(q *db.Queries, a Account) error {
		if (a.DisabledAt != nil) == disabled {
			return nil
		}
		if err := q.SetUserDisabled(ctx, db.SetUserDisabledParams{ID: id, Disabled: disabled, Now: s.Now()}); err != nil {
			return err
		}
		return s.endTokens(ctx, q, id)
	})
}

// ResetPassword sets and returns a one-time password for an account, ends its sessions and API
// tokens, and mails the owner that it was replaced. It returns [fault.ErrOwnAccount] for the actor's own account,
// whose password [Passwords.Change] changes, and [fault.ErrUnreadableTeam] for a member of a team whose tickets
// the actor may not read.
func (s *Users) ResetPassword(ctx context.Context, actor Actor, id int64) (string, error) {
	if !actor.Can(ManageAccounts) {
		return "", fault.ErrForbidden
	}
	password := NewPassword()
	hash, err := s.cost.hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return password, s.changeAccount(ctx, actor, id, func(q *db.Queries, a Account) error {
		if err := a.ResetRefused(); err != nil {
			return err
		}
		if err := q.SetOneTimePassword(ctx, db.SetOneTimePasswordParams{ID: id, PasswordHash: hash}); err != nil {
			return err
		}
		err := s.mailer.Write(ctx, q, Mail{Topic: TopicPasswordReplaced, UserID: id, Email: a.Email, To: a.Email, Name: a.Username, Other: actor.Username})
		if err != nil {
			return err
		}
		return s.endTokens(ctx, q, id)
	})
}

// ResetRefused returns why the actor who has read the account may not reset its password, see [Users.ResetPassword],
// or nil.
func (a Account) ResetRefused() error {
	if a.InUnreadableTeam {
		return fault.ErrUnreadableTeam
	}
	return nil
}

// EndSessions ends all sessions and API tokens of an account, which may be the
// actor's own. It returns [fault.ErrForbidden] for an account that has permissions which the actor does not have.
func (s *Users) EndSessions(ctx context.Context, actor Actor, id int64) error {
	if !actor.Can(ManageAccounts) {
		return fault.ErrForbidden
	}
	return s.actOnAccount(ctx, actor, id, func(q *db.Queries) error {
		if _, err := changeable(ctx, q, actor, id); err != nil {
			return err
		}
		if _, err := q.EndSessions(ctx, id); err != nil {
			return db.Found(err, "end sessions")
		}
		return s.endTokens(ctx, q, id)
	})
}

// changeAccount runs change on another account, one such change at a time. It checks the
// actor's right after taking the lock, and returns [fault.ErrForbidden] for an account that
// has permissions which the actor does not have. If two admins demote each other at the same time,
// the second gets [fault.ErrSignedOut], so that one admin remains.
func (s *Users) changeAccount(ctx context.Context, actor Actor, id int64, change func(q *db.Queries, a Account) error) error {
	if !actor.Can(ManageAccounts) {
		return fault.ErrForbidden
	}
	return s.actOnAccount(ctx, actor, id, func(q *db.Queries) error {
		other, err := changeable(ctx, q, actor, id)
		if err == nil {
			err = other.isNot(actor)
		}
		if err != nil {
			return err
		}
		if err := change(q, other); err != nil {
			return fmt.Errorf("change account: %w", err)
		}
		return nil
	})
}

// changeable returns an account, and [fault.ErrForbidden] if the actor may not change it.
func changeable(ctx context.Context, q *db.Queries, actor Actor, id int64) (Account, error) {
	reach, viewer := actor.Scope()
	a, err := q.GetAccount(ctx, db.GetAccountParams{ID: id, Reach: reach, Viewer: viewer})
	if err == nil && !actor.MayChange(Account{a}) {
		return Account{}, fault.ErrForbidden
	}
	return Account{a}, db.Found(err, "read account")
}

// isNot returns [fault.ErrOwnAccount] for the actor's own account.
func (a Account) isNot(actor Actor) error {
	if a.ID == actor.ID {
		return fault.ErrOwnAccount
	}
	return nil
}

// GetOther is [Users.Get] for an account that the actor is about to change. It returns
// [fault.ErrOwnAccount] for their own.
func (s *Users) GetOther(ctx context.Context, actor Actor, id int64) (Account, error) {
	a, err := s.Get(ctx, actor, id)
	if err == nil {
		err = a.isNot(actor)
	}
	return a, err
}

// MayChange reports whether the actor has all permissions of an account. Otherwise they may not change it.
func (a Actor) MayChange(other Account) bool { return a.mayGive(other.permissions()) }
