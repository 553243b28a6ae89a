package ui

import (
	"fmt"

	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// Undo is how to undo a change of a ticket. It is stored in a cookie; the address of its form is made
// from these fields.
type Undo struct {
	Ticket   int64 // 0 for none
	Restore  bool  // restore a deleted ticket; otherwise the form sets Was again
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
