package views

import (
	"strconv"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// categoryID returns the id of a row's category, or "".
func (p *QueuePage) categoryID(r *ticketquery.Row) string {
	for _, c := range p.List.Categories {
		if c.Name == r.Category {
			return strconv.FormatInt(c.ID, 10)
		}
	}
	return ""
}

// colleaguesText returns which colleagues have the ticket open or are writing; "" if none.
func (p *QueuePage) colleaguesText(r *ticketquery.Row, reader account.Actor) string {
	people := p.Presence[r.ID].colleagues(reader.ID)
	var writing []Person
	for _, person := range people {
		if person.isWriting() {
			writing = append(writing, person)
		}
	}
	switch {
	case len(people) == 0:
		return ""
	case len(writing) == 0:
		return hereText(people)
	case len(writing) == 1:
		return ui.FirstName(writing[0].Name) + " is writing"
	}
	return firstNames(writing) + " are writing"
}

// waitingTime returns how long the requester has waited for an answer; "" if they do not wait.
func waitingTime(r *ticketquery.Row, f *ui.Frame) string {
	if r.WaitingSince == nil {
		return ""
	}
	return ui.Wait(f.Now.Sub(*r.WaitingSince))
}

// mayAssign reports whether the reader may see and set the assignee of a row. The requester may
// not, also if they are staff.
func mayAssign(r *ticketquery.Row, reader account.Actor) bool {
	return desk.May(reader, desk.ToAssign, desk.Ticket{RequesterID: r.RequesterID})
}

// rowAssignees returns the choices of assignee in a row: the present one, the reader, and none.
// Other people are chosen on the ticket, so that no row has a list of all staff.
func rowAssignees(r *ticketquery.Row, reader account.Actor) []assignOption {
	me, present := assignOption{value: desk.AssignMe, label: "Me"}, desk.AssignValue(r.AssigneeID)
	none := assignOption{value: desk.AssignNone, label: unassigned, selected: r.AssigneeID == 0}
	switch r.AssigneeID {
	case 0:
		return []assignOption{none, me}
	case reader.ID:
		return []assignOption{{value: present, label: "Me", selected: true}, none}
	}
	return []assignOption{{value: present, label: r.Assignee, selected: true}, me, none}
}
