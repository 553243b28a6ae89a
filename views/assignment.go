package views

import (
	"slices"
	"strconv"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/savedview"
	"frontdesk/views/ui"
)

// AssignmentForm is the data of the form in which staff choose who works on a ticket. Assignee and Team are
// what was chosen in a form that was refused, "" for the present values.
type AssignmentForm struct {
	People         []desk.Assignable // members of the ticket's team
	Teams          []desk.Team
	Assignee, Team string
	Chosen         event.Named // the user that Assignee names; the zero value for none
	Taken          *desk.Taken // another user was faster
	Notice         string      // why it was not saved, if no field has an error
	Invalid        *fault.Invalid
}

// isRefused reports whether the form was refused.
func (f AssignmentForm) isRefused() bool { return f.Taken != nil || f.Notice != "" || f.Invalid != nil }

// RestoreAssignment shows what was chosen in a form that was not saved. A choice that another user has changed since is left
// out, so that saving does not overwrite it.
func (p *TicketPage) RestoreAssignment(in desk.AssignmentInput) {
	if in.WasAssignee == desk.AssignValue(p.ticket().AssigneeID) {
		p.Assignment.Assignee = in.Assignee
	}
	if in.WasTeam == desk.AssignValue(p.ticket().TeamID) {
		p.Assignment.Team = in.Team
	}
}

// AssigneePage is the data of the page that finds an assignee by name.
type AssigneePage struct {
	Ticket desk.Ticket
	Q      string
	Found  []desk.Colleague
}

// unassigned is the text in place of the assignee of a ticket without one.
const unassigned = savedview.ViewUnassigned

// assignOption is an option of a select.
type assignOption struct {
	value, label string
	selected     bool
}

// assignees returns the options for the assignee: none, the user, the present assignee, the
// members of the team, and who was chosen in a form that was refused.
func (p *TicketPage) assignees(actor account.Actor) []assignOption {
	t := p.ticket()
	chosen := p.Assignment.Assignee
	switch chosen {
	case "":
		chosen = desk.AssignValue(t.AssigneeID)
	case desk.AssignMe:
		chosen = desk.AssignValue(actor.ID)
	}
	all := []assignOption{{desk.AssignNone, unassigned, chosen == desk.AssignNone}}
	add := func(id int64, label string) {
		value := desk.AssignValue(id)
		for _, c := range all {
			if c.value == value {
				return
			}
		}
		all = append(all, assignOption{value, label, value == chosen})
	}
	if actor.ID != t.RequesterID {
		add(actor.ID, "Me ("+actor.Username+")")
	}
	if t.AssigneeID != 0 {
		add(t.AssigneeID, t.Assignee)
	}
	for _, m := range p.Assignment.People {
		if m.ID != t.RequesterID {
			label := m.Name
			if m.Away {
				label += " (away)"
			}
			add(m.ID, label)
		}
	}
	if other := p.Assignment.Chosen; other.ID != 0 && other.ID != t.RequesterID {
		add(other.ID, other.Name)
	}
	return withSelected(all, t.AssigneeID)
}

// withSelected selects the option of an id if none is selected. A browser would select the first one, and saving would
// then remove the assignee or the team.
func withSelected(all []assignOption, id int64) []assignOption {
	if slices.ContainsFunc(all, func(o assignOption) bool { return o.selected }) {
		return all
	}
	for i := range all {
		all[i].selected = all[i].value == desk.AssignValue(id)
	}
	return all
}

// teams returns the options for the team: those in use, and the present one.
func (p *TicketPage) teams() []assignOption {
	t := p.ticket()
	chosen := p.Assignment.Team
	if chosen == "" {
		chosen = desk.AssignValue(t.TeamID)
	}
	all := []assignOption{{desk.AssignNone, "No team", chosen == desk.AssignNone}}
	for _, g := range p.Assignment.Teams {
		label := g.Name
		if g.Private {
			label += " (private)"
		}
		if g.RetiredAt == nil || g.ID == t.TeamID {
			all = append(all, assignOption{desk.AssignValue(g.ID), label, desk.AssignValue(g.ID) == chosen})
		}
	}
	return withSelected(all, t.TeamID)
}

// Assigned returns the message after an assignment of a ticket.
func Assigned(t desk.Ticket, actor account.Actor, gone bool) string {
	who := "#" + strconv.FormatInt(t.ID, 10)
	switch {
	case gone:
		return who + " is with team " + ui.Isolated(t.Team) + ", and you do not see it any more."
	case t.AssigneeID == actor.ID && t.AssigneeID != 0:
		who += " is yours"
	case t.AssigneeID != 0:
		who += " is assigned to " + ui.Isolated(t.Assignee)
	default:
		who += " is unassigned"
	}
	if t.TeamID != 0 {
		who += ", in team " + ui.Isolated(t.Team)
	}
	return who + "."
}

// nameOf returns the name of a user or team in the log, or "" for nil.
func nameOf(n *event.Named) string {
	if n == nil {
		return ""
	}
	return n.Name
}
