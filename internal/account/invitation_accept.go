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

// Invitation is an invitation as the owner of its link sees it.
type Invitation struct {
	Email  string
	Role   string   // see [Users.SetRole]
	Sender string   // the name of the member of staff who made the link
	UserID int64    // the account of the address; 0 if there is none
	Teams  []string // the names of the teams that the owner joins

	id     int64
	key    string // of the address
	to     givenRole
	mailed bool // the link was mailed to the address
}

// AcceptInput is the form with which a visitor without an account accepts an invitation.
type AcceptInput struct {
	Username string `form:"username" json:"username" validate:"required,max=100,name"`
	Password string `form:"password" json:"password" rules:"required,min=12,max=128,storable" keep:"space"`
}

// Get returns the invitation of a link. It returns [fault.ErrNotFound] if the link is
// unknown, was used, revoked or replaced, or has expired, and if its sender may no longer
// give the role.
func (s *Invitations) Get(ctx context.Context, token string) (Invitation, error) {
	return s.invitation(ctx, s.q, token)
}

// invitation is [Invitations.Get] in the caller's transaction.
func (s *Invitations) invitation(ctx context.Context, q *db.Queries, token string) (Invitation, error) {
	i, err := q.InvitationByToken(ctx, db.InvitationByTokenParams{TokenHash: hashBearer(token), Now: s.Now()})
	if err != nil {
		return Invitation{}, db.Found(err, "read invitation")
	}
	to := givenRole{i.Role, i.CustomRole, permissionsOf(i.Role, i.CustomRole, i.Permissions)}
	sender := permissionsOf(i.SenderRole, i.SenderCustomRole, i.SenderPermissions)
	if !sender.Has(ManageAccounts) || to.permissions&^sender != 0 {
		return Invitation{}, fault.ErrNotFound
	}
	user, err := userByEmail(ctx, q, i.Email)
	return Invitation{Email: i.Email, Role: roleName(i.Role, i.CustomRole), Sender: i.Sender, UserID: user.ID, Teams: i.TeamNames, id: i.ID, key: i.EmailKey, to: to, mailed: i.Mailed}, err
}

// userByEmail returns the account of an address, or the zero value if there is none.
func userByEmail(ctx context.Context, q *db.Queries, email string) (db.GetUserByEmailRow, error) {
	user, err := q.GetUserByEmail(ctx, db.GetUserByEmailParams{Email: email, Key: input.EmailKey(email)})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return user, fmt.Errorf("read account: %w", err)
	}
	return user, nil
}

// AcceptAsNew creates the account of an invitation, and uses the link up. It returns
// [fault.ErrNotFound] if the link is not valid any more, [fault.ErrEmailTaken] if the
// address has an account meanwhile or is the former one of an account, and [*fault.Limited]
// after too many attempts from the network address.
func (s *Invitations) AcceptAsNew(ctx context.Context, token string, in AcceptInput, from netip.Addr) (SignedIn, error) {
	i, err := s.Get(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if err := fault.Merge(input.Check(&in), checkPassword("password", in.Password, in.Username, i.Email)); err != nil {
		return SignedIn{}, err
	}
	if err := s.limiter.Allow(ctx, s.q, limit.OfNetwork("accept", from), s.limits.Register); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.cost.hash(ctx, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hash password: %w", err)
	}
	var id int64
	err = s.tx(ctx, func(q *db.Queries) error {
		if i, err = s.lockedInvitation(ctx, q, token); err != nil {
			return err
		}
		if err := s.isNotReserved(ctx, q, i.Email, 0); err != nil {
			return err
		}
		id, err = q.CreateUser(ctx, db.CreateUserParams{Username: in.Username, Email: i.Email, EmailKey: i.key, PasswordHash: hash, Role: i.to.role, CustomRole: i.to.custom})
		if err != nil {
			return err
		}
		if err := s.useInvitation(ctx, q, i, token, id); err != nil || i.mailed {
			return err
		}
		return s.mailVerifyLink(ctx, q, i.actor(id, in.Username))
	})
	if db.Violates(err, "users_email_key") {
		return SignedIn{}, fault.ErrEmailTaken
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("accept invitation: %w", err)
	}
	return SignedIn{i.actor(id, in.Username), 1}, nil
}

// AcceptAsUser gives the actor the role of an invitation to their address, ends their other
// sessions and API tokens, and uses the link up. It returns the new session version. It
// returns [fault.ErrForbidden] if the invitation is for another account, and
// [fault.ErrNotFound] if the link is not valid any more.
func (s *Invitations) AcceptAsUser(ctx context.Context, actor Actor, token string) (SignedIn, error) {
	var i Invitation
	err := s.actOnAccount(ctx, actor, actor.ID, func(q *db.Queries) (err error) {
		if i, err = s.invitation(ctx, q, token); err != nil {
			return err
		}
		if i.UserID != actor.ID || actor.Can(WorkAsStaff) {
			return fault.ErrForbidden
		}
		if err := q.SetUserRole(ctx, db.SetUserRoleParams{ID: actor.ID, Role: i.to.role, CustomRole: i.to.custom}); err != nil {
			return err
		}
		if err := s.endTokens(ctx, q, actor.ID); err != nil {
			return err
		}
		return s.useInvitation(ctx, q, i, token, actor.ID)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("accept invitation: %w", err)
	}
	user, err := s.q.GetUserByID(ctx, actor.ID)
	if err != nil {
		return SignedIn{}, db.Found(err, "read account")
	}
	return SignedIn{i.actor(actor.ID, actor.Username), user.SessionVer}, nil
}

// lockedInvitation is invitation under the lock of roles and accounts, so that the sender
// and the role do not change before the commit.
func (s *Invitations) lockedInvitation(ctx context.Context, q *db.Queries, token string) (Invitation, error) {
	if err := q.LockAccounts(ctx); err != nil {
		return Invitation{}, fmt.Errorf("lock accounts: %w", err)
	}
	return s.invitation(ctx, q, token)
}

// useInvitation marks the invitation as accepted by a user, who joins its teams. A mailed link
// confirms the address. It returns [fault.ErrNotFound] if another request was faster.
func (s *Invitations) useInvitation(ctx context.Context, q *db.Queries, i Invitation, token string, user int64) error {
	n, err := q.AcceptInvitation(ctx, db.AcceptInvitationParams{ID: i.id, TokenHash: hashBearer(token), Now: s.Now(), AcceptedBy: user})
	if err == nil && n == 0 {
		return fault.ErrNotFound
	}
	if err == nil {
		err = s.withdrawMail(ctx, q, i.Email)
	}
	if err == nil {
		err = q.JoinInvitedTeams(ctx, db.JoinInvitedTeamsParams{ID: i.id, UserID: user})
	}
	if err == nil && i.mailed {
		_, err = q.ConfirmAddress(ctx, db.ConfirmAddressParams{ID: user, Email: i.Email, Now: s.Now()})
	}
	return err
}

// actor returns the user who has accepted the invitation.
func (i Invitation) actor(id int64, name string) Actor {
	granted := int32(i.to.permissions)
	return Actor{ID: id, Username: name, Email: i.Email, Role: i.to.role}.WithCustomRole(i.to.custom, &granted)
}
