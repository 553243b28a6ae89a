package views

import (
	"fmt"
	"strconv"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// TeamsPage is the data of the list of teams. Form is the form for a new team, if it was refused
// or restored.
type TeamsPage struct {
	Teams   []desk.Team
	Form    desk.TeamInput
	Invalid *fault.Invalid
}

func (p TeamsPage) split() (used, retired []desk.Team) {
	for _, t := range p.Teams {
		if t.RetiredAt == nil {
			used = append(used, t)
		} else {
			retired = append(retired, t)
		}
	}
	return used, retired
}

// TeamPage is the data of the page of one team. Form and Member are forms that were refused, and
// Invalid and InvalidMember their errors. Found are the colleagues who have the name that
// was typed as a new member.
type TeamPage struct {
	desk.TeamPage
	Form          desk.TeamInput
	Stale         bool // another user has changed the same in the team since Form was loaded
	Invalid       *fault.Invalid
	Member        desk.MemberInput
	InvalidMember *fault.Invalid
	Found         []desk.Colleague
}

// NewTeamPage returns the data of the page of a team, with the forms as they are at first.
func NewTeamPage(p desk.TeamPage) TeamPage {
	return TeamPage{TeamPage: p, Form: desk.TeamInput{Name: p.Team.Name, Private: p.Team.Private}}
}

func (p TeamPage) invalid() *fault.Invalid {
	if p.InvalidMember != nil {
		return p.InvalidMember
	}
	return p.Invalid
}

// errorTitle returns the title of the summary of [TeamPage.invalid].
func (p TeamPage) errorTitle() string {
	if p.InvalidMember != nil {
		return "Member not added"
	}
	return "Team not saved"
}

// RetirementPage is the data of the page that retires a team. Others are the teams that can
// take its active tickets, and Chosen is the id of the one that was chosen in a form that was refused
// or restored.
type RetirementPage struct {
	desk.TeamPage
	Others  []desk.Team
	Chosen  string
	Invalid *fault.Invalid
}

// active returns how many active tickets the team has, in words.
func (p RetirementPage) active() string {
	switch {
	case p.Active == 0:
		return "has no active tickets"
	case p.Active == 1:
		return "has 1 active ticket"
	case p.Active >= desk.ActiveCap:
		return fmt.Sprintf("has %d or more active tickets", desk.ActiveCap)
	}
	return fmt.Sprintf("has %d active tickets", p.Active)
}

func teamURL(id int64, below string) string { return fmt.Sprintf("/admin/teams/%d%s", id, below) }

func teamValue(id int64) string { return strconv.FormatInt(id, 10) }

// teamTickets is the address of the queue of a team.
func teamTickets(id int64) string { return "/tickets?status=ACTIVE&team=" + teamValue(id) }

// memberTickets is the address of the queue of a member in a team.
func memberTickets(team, member int64) string {
	return teamTickets(team) + "&assignee=" + teamValue(member)
}

// assignedTo is the address of the queue of an assignee.
func assignedTo(user int64) string { return "/tickets?status=ACTIVE&assignee=" + teamValue(user) }

func retireHeading(t desk.Team) string {
	if t.RetiredAt == nil {
		return "Retire this team"
	}
	return "This team is retired"
}
