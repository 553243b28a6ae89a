package demo

import (
	"strconv"

	"frontdesk/internal/desk"
)

// teams are the teams of the demonstration, with their members by their place among the staff. The
// first one is a lead.
var teams = []struct {
	name    string
	private bool
	members []int
}{
	{"Billing", false, []int{0, 2}},
	{"Workshop", false, []int{1, 2}},
	{"Warranty", true, []int{2, 1}},
}

// addTeams creates the teams.
func (s *demo) addTeams() error {
	for _, t := range teams {
		id, err := s.desk.Teams.Add(s.ctx, s.staff[0], desk.TeamInput{Name: t.name, Private: t.private})
		if err != nil {
			return err
		}
		s.teams = append(s.teams, id)
		for i, m := range t.members {
			if _, err := s.desk.Teams.AddMember(s.ctx, s.staff[0], id, desk.MemberInput{User: s.staff[m].ID, Lead: i == 0}); err != nil {
				return err
			}
		}
	}
	return nil
}

// toTeam moves a new ticket to the team of its category. Some stay without a team, and one in eight
// is for the private team. Its handler assigns about half of them.
func (t *demoTicket) toTeam() error {
	team := map[string]int{"Billing": 0, "Technical": 1}
	i, ok := team[t.story.category]
	if t.n%8 == 5 {
		i, ok = 2, true
	}
	in := desk.AssignmentInput{}
	if ok {
		in.Team = strconv.FormatInt(t.teams[i], 10)
	}
	if t.n%2 == 0 {
		in.Assignee = strconv.FormatInt(t.handler.ID, 10)
	}
	if in == (desk.AssignmentInput{}) {
		return nil
	}
	_, err := t.desk.Tickets.Assign(t.ctx, t.staff[0], t.id, in)
	return err
}
