package views

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// Undo says how to take back a change of a ticket. It travels in a cookie, so
// it holds numbers and choices, from which the form is made, and no address.
type Undo struct {
	Ticket   int64 // 0 where nothing is offered
	Restore  bool  // the ticket was deleted: bring it back; else the following is set again
	Was, Now Choice
	Version  int32  // of the ticket after the change
	Return   string // the stretch of the queue where the change was made; "" is the ticket's page
}

// Choice is what triage sets.
type Choice struct {
	Status   desk.Status
	Priority desk.Priority
	Category int64
}

// action is where the form of the undo goes.
func (u Undo) action() string {
	if u.Restore {
		return fmt.Sprintf("/admin/trash/%d/restore", u.Ticket)
	}
	return fmt.Sprintf("/tickets/%d/triage", u.Ticket)
}

// attrs has htmx swap the part of the page in which the change was made. What
// was deleted comes back on a page of its own.
func (u Undo) attrs() templ.Attributes {
	if u.Restore {
		return nil
	}
	target := "#triage"
	if u.Return != "" {
		target = "#queue"
	}
	return templ.Attributes{"hx-post": u.action(), "hx-target": target, "hx-swap": "outerHTML"}
}

// Changed says what triage changed on a ticket: "Ticket #299 is resolved and has
// priority High." In changed, what was left as it was is "".
func Changed(t desk.Ticket, changed desk.TriageInput) string {
	var parts []string
	if changed.Status != "" {
		parts = append(parts, "is "+strings.ToLower(StatusLabel(t.Status)))
	}
	if changed.Priority != "" {
		parts = append(parts, "has priority "+string(t.Priority))
	}
	if changed.Category != "" {
		parts = append(parts, "is in the category "+Isolated(t.Category))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("Nothing was changed on ticket #%d.", t.ID)
	}
	return fmt.Sprintf("Ticket #%d %s.", t.ID, joinNames(parts))
}
