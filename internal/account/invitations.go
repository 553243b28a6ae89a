package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// InviteInput is the form with which a member of staff invites another one. For Role see
// [Users.SetRole]. Teams are the ids of the teams that the invited user joins.
type InviteInput struct {
	Email string  `form:"email" json:"email" validate:"required,max=254,line,email,address"`
	Role  string  `form:"role" json:"role" validate:"required,max=60,line" doc:"agent, admin, or the name of a role that admins have made."`
	Teams []int64 `form:"join" json:"teams" validate:"max=50" doc:"The ids of teams. The invited person becomes a member of each."`
}

// InvitationsKept is how long an invitation is stored after it was made, unless it is open.
const InvitationsKept = 90 * 24 * time.Hour

// OpenInvitation is an invitation that was neither accepted nor revoked.
type OpenInvitation struct{ db.ListInvitationsRow }

// RoleName returns the name of the role that the invitation gives.
func (i OpenInvitation) RoleName() string { return roleName(i.Role, i.CustomRole) }

// Link is a link of an invitation. Only the hash of its token is stored, so it is shown once.
type Link struct {
	ID           int64 // of the invitation
	Email, Token string
	Expires      time.Time
	Mailed       bool // another link with the same effect was mailed to the address
}

// Invite invites the owner of an address to become a member of staff, and returns the link,
// which is valid once, for the given time. If the desk sends mail, the address gets a link
// as well. It returns [*fault.Invalid] for a role that the actor may not give or that is not
// one of staff, for the address of a member of staff or of a disabled account, and for a
// team that is not in use. It returns [fault.ErrForbidden] without [ManageAccounts].
func (s *Invitations) Invite(ctx context.Context, actor Actor, in InviteInput, valid time.Duration) (Link, error) {
	if !actor.Can(ManageAccounts) {
		return Link{}, fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return Link{}, err
	}
	in.Teams = slices.Compact(slices.Sorted(slices.Values(in.Teams)))
	if err := s.checkReachable(in.Email); err != nil {
		return Link{}, err
	}
	link, hash := s.newLink(in.Email, valid)
	err := s.actOnAccount(ctx, actor, 0, func(q *db.Queries) error {
		given, err := s.findStaffRole(ctx, q, actor, in.Role)
		if err != nil {
			return err
		}
		if err := mayInvite(ctx, q, in.Email); err != nil {
			return err
		}
		if err := mayJoin(ctx, q, actor, in.Teams); err != nil {
			return err
		}
		mailHash, err := s.mailInvitation(ctx, q, actor, &link)
		if err != nil {
			return err
		}
		link.ID, err = q.AddInvitation(ctx, db.AddInvitationParams{Email: in.Email, EmailKey: input.EmailKey(in.Email), Role: given.role, CustomRole: given.custom,
			Teams: in.Teams, TokenHash: hash, MailHash: mailHash, InvitedBy: actor.ID, Now: s.Now(), ExpiresAt: link.Expires})
		return err
	})
	if db.Violates(err, "invitations_open_key") {
		return Link{}, fault.NewInvalid("email", "This address is invited already. Create a new link for it in the list, or revoke the invitation.")
	}
	if err != nil {
		return Link{}, fmt.Errorf("invite: %w", err)
	}
	return link, nil
}

// findStaffRole is [Service.findRole], and returns [*fault.Invalid] also for a role that is not
// one of staff.
func (s *Invitations) findStaffRole(ctx context.Context, q *db.Queries, actor Actor, name string) (givenRole, error) {
	given, err := s.findRole(ctx, q, actor, name)
	if err == nil && !given.permissions.Has(WorkAsStaff) {
		err = fault.NewInvalid("role", "Choose a role of staff. Customers register on their own.")
	}
	return given, err
}

// newLink returns a new link for an address, and the hash of its token.
func (s *Invitations) newLink(email string, valid time.Duration) (Link, []byte) {
	token, hash := newToken()
	return Link{Email: email, Token: token, Expires: s.Now().Add(valid)}, hash
}

// mailInvitation mails another link of an invitation to its address, and returns the hash of its
// token; nil if the desk sends no mail.
func (s *Invitations) mailInvitation(ctx context.Context, q *db.Queries, actor Actor, link *Link) ([]byte, error) {
	if link.Mailed = s.mailer.Enabled(); !link.Mailed {
		return nil, nil
	}
	token, hash := newToken()
	return hash, s.mailer.Write(ctx, q, Mail{Topic: TopicInvitation, Email: link.Email, To: link.Email, Token: token, Expires: link.Expires, Other: actor.Username})
}

// withdrawMail withdraws the mail of an invitation to an address if it was not sent yet.
func (s *Invitations) withdrawMail(ctx context.Context, q *db.Queries, email string) error {
	if err := q.WithdrawInvitationMail(ctx, db.WithdrawInvitationMailParams{Email: email, Now: s.Now()}); err != nil {
		return fmt.Errorf("withdraw the mail of an invitation: %w", err)
	}
	return nil
}

// mayInvite returns [*fault.Invalid] if the account of an address cannot accept an invitation.
func mayInvite(ctx context.Context, q *db.Queries, email string) error {
	user, err := userByEmail(ctx, q, email)
	switch {
	case err != nil || user.ID == 0:
		return err
	case user.DisabledAt != nil:
		return fault.NewInvalid("email", "The account of this address is disabled. Enable it on its page first.")
	case IsStaff(user.Role):
		return fault.NewInvalid("email", "This address belongs to a member of staff. Change the role on their page.")
	}
	return nil
}

// mayJoin returns [*fault.Invalid] if one of the teams of an invitation is not in use, or if
// the actor may not add members to it. The teams are distinct.
func mayJoin(ctx context.Context, q *db.Queries, actor Actor, teams []int64) error {
	if len(teams) == 0 {
		return nil
	}
	n, err := q.CountTeamsInUse(ctx, teams)
	switch {
	case err != nil:
		return fmt.Errorf("read teams: %w", err)
	case n != int64(len(teams)):
		return fault.NewInvalid("join", "Choose teams that are in use. Reload the page to see them.")
	}
	may, err := mayAddMembers(ctx, q, actor, teams)
	switch {
	case err != nil || may:
		return err
	case !actor.Can(ManageTeams):
		return fault.NewInvalid("join", "You may not add members to teams. Invite without a team.")
	}
	return fault.NewInvalid("join", "Choose no private team: only its leads and admins add members.")
}

// mayAddMembers reports whether the actor may add members to all of the teams.
func mayAddMembers(ctx context.Context, q *db.Queries, actor Actor, teams []int64) (bool, error) {
	if len(teams) == 0 || !actor.Can(ManageTeams) {
		return len(teams) == 0, nil
	}
	private, err := q.CountClosedTeams(ctx, db.CountClosedTeamsParams{UserID: actor.ID, Teams: teams})
	if err != nil {
		return false, fmt.Errorf("read private teams: %w", err)
	}
	return private == 0, nil
}

// List returns the open invitations, the newest first, at most 200. It returns
// [fault.ErrForbidden] without [ManageAccounts].
func (s *Invitations) List(ctx context.Context, actor Actor) ([]OpenInvitation, error) {
	if !actor.Can(ManageAccounts) {
		return nil, fault.ErrForbidden
	}
	rows, err := s.q.ListInvitations(ctx, s.Now())
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	out := make([]OpenInvitation, len(rows))
	for i, r := range rows {
		out[i] = OpenInvitation{r}
	}
	return out, nil
}

// Renew replaces the link of an open invitation, whose sender is then the actor.
// The old link is no longer valid. It returns [fault.ErrForbidden] if the actor may not give
// the role of the invitation, or may not add members to one of its teams.
func (s *Invitations) Renew(ctx context.Context, actor Actor, id int64, valid time.Duration) (link Link, err error) {
	err = s.changeInvitation(ctx, actor, id, func(q *db.Queries, i db.GetInvitationRow) (int64, error) {
		if may, err := mayAddMembers(ctx, q, actor, i.Teams); err != nil || !may {
			return 0, cmp.Or(err, fault.ErrForbidden)
		}
		var hash []byte
		link, hash = s.newLink(i.Email, valid)
		link.ID = id
		if err := s.withdrawMail(ctx, q, i.Email); err != nil {
			return 0, err
		}
		mailHash, err := s.mailInvitation(ctx, q, actor, &link)
		if err != nil {
			return 0, err
		}
		return q.RenewInvitation(ctx, db.RenewInvitationParams{ID: id, TokenHash: hash, MailHash: mailHash, ExpiresAt: link.Expires, InvitedBy: actor.ID, Now: s.Now()})
	})
	return link, err
}

// Revoke makes the link of an open invitation invalid.
func (s *Invitations) Revoke(ctx context.Context, actor Actor, id int64) error {
	now := s.Now()
	return s.changeInvitation(ctx, actor, id, func(q *db.Queries, i db.GetInvitationRow) (int64, error) {
		if err := s.withdrawMail(ctx, q, i.Email); err != nil {
			return 0, err
		}
		return q.RevokeInvitation(ctx, db.RevokeInvitationParams{ID: id, Now: &now})
	})
}

// changeInvitation runs change on an open invitation. It returns [fault.ErrNotFound] if
// there is none, and [fault.ErrForbidden] if the actor may not give its role.
func (s *Invitations) changeInvitation(ctx context.Context, actor Actor, id int64, change func(*db.Queries, db.GetInvitationRow) (int64, error)) error {
	if !actor.Can(ManageAccounts) {
		return fault.ErrForbidden
	}
	return s.actOnAccount(ctx, actor, 0, func(q *db.Queries) error {
		i, err := q.GetInvitation(ctx, id)
		switch {
		case err != nil:
			return db.Found(err, "read invitation")
		case !actor.mayGive(permissionsOf(i.Role, i.CustomRole, i.Permissions)):
			return fault.ErrForbidden
		}
		n, err := change(q, i)
		if err == nil && n == 0 {
			return fault.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("change invitation: %w", err)
		}
		return nil
	})
}

// permissionsOf returns the permissions of a role from the columns of a row.
func permissionsOf(role Role, custom *string, granted *int32) Permissions {
	return Actor{Role: role}.WithCustomRole(custom, granted).permissions()
}
