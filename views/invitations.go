package views

import (
	"fmt"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views/ui"
)

// InvitationsPage is the data of the page of invitations. Link is the link that was just made, with
// URL as its whole address; it is shown once.
type InvitationsPage struct {
	Open    []account.OpenInvitation
	Roles   []account.RoleChoice
	Teams   []desk.Team // that are in use
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

// teamsText returns the names of teams within a sentence, such as ", in team Billing".
func teamsText(names []string) string {
	if len(names) == 0 {
		return ""
	}
	isolated := make([]string, len(names))
	for i, name := range names {
		isolated[i] = ui.Isolated(name)
	}
	word := ", in team "
	if len(names) > 1 {
		word = ", in the teams "
	}
	return word + strings.Join(isolated, ", ")
}

// roleText returns the name of the role within a sentence.
func (p InvitationPage) roleText() string {
	if account.Role(p.Role).Valid() {
		return p.Role
	}
	return "“" + p.Role + "”"
}
