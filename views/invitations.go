package views

import (
	"fmt"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// InvitationsPage is the data of the page of invitations. Link is the link that was just made, with
// URL as its whole address; it is shown once.
type InvitationsPage struct {
	Open    []account.OpenInvitation
	Roles   []account.RoleChoice
	Form    account.InviteInput
	Days    int // how long a link is valid
	Link    account.Link
	URL     string
	Invalid *fault.Invalid
}

// staffRoles returns the roles that an invitation can give.
func (p InvitationsPage) staffRoles() (out []account.RoleChoice) {
	for _, c := range p.Roles {
		if c.Name != string(account.RoleCustomer) {
			out = append(out, c)
		}
	}
	return out
}

func invitationURL(id int64, act string) string {
	return fmt.Sprintf("/admin/invitations/%d/%s", id, act)
}

// invitedLabel returns the name of the role of an open invitation.
func invitedLabel(i account.OpenInvitation) string { return roleLabel(i.Role, i.CustomRole) }

// InvitationPage is the data of the page of a link.
type InvitationPage struct {
	account.Invitation
	Token   string
	Form    account.AcceptInput
	Invalid *fault.Invalid
}

func (p InvitationPage) url() string { return "/invitations/" + p.Token }

// roleText returns the name of the role within a sentence.
func (p InvitationPage) roleText() string {
	if account.Role(p.Role).Valid() {
		return p.Role
	}
	return "“" + p.Role + "”"
}
