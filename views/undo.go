package views

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// Undo is how to undo a change of a ticket. It is stored in a cookie, so it has numbers and
// choices, from which the form is made, and no address.
type Undo struct {
	Ticket   int64 // 0 for none
	Restore  bool  // restore a deleted ticket; otherwise the following is set again
	Was, Now Choice
	Version  int32  // of the ticket after the change
	Return   string // the page of the queue where the change was made; "" is the ticket's page
}

// Choice is the fields of the triage form.
type Choice struct {
	Status   desk.Status
	Priority desk.Priority
	Category int64
}

// action returns the address of the undo form.
func (u Undo) action() string {
	if u.Restore {
		return fmt.Sprintf("/admin/trash/%d/restore", u.Ticket)
	}
	return fmt.Sprintf("/tickets/%d/triage", u.Ticket)
}

// attrs returns the htmx attributes that swap the part of the page in which the change was made. A
// restored ticket is shown on its own page, without htmx.
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

// Changed returns what triage changed: "Ticket #299 is resolved and has priority High." Fields of
// changed that did not change are "".
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
