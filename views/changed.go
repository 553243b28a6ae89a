package views

import (
	"fmt"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// Changed returns what triage changed: "Ticket #299 is resolved and has priority High." Fields of
// changed that did not change are "".
func Changed(t desk.Ticket, changed desk.TriageInput) string {
	var parts []string
	if changed.Status != "" {
		parts = append(parts, "is "+strings.ToLower(ui.StatusLabel(t.Status)))
	}
	if changed.Priority != "" {
		parts = append(parts, "has priority "+string(t.Priority))
	}
	if changed.Category != "" {
		parts = append(parts, "is in the category "+ui.Isolated(t.Category))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("Nothing was changed on ticket #%d.", t.ID)
	}
	return fmt.Sprintf("Ticket #%d %s.", t.ID, ui.JoinNames(parts))
}

// Triaged returns what a form of triage changed: the fields of triage, and the assignee or team
// if to has one.
func Triaged(out desk.Assigned, actor account.Actor, in desk.TriageInput, to desk.AssignmentInput) string {
	changed, assigned := in.Changed(), Assigned(out.Ticket, actor, out.Gone)
	switch {
	case to == (desk.AssignmentInput{}):
		return Changed(out.Ticket, changed)
	case changed.Status+changed.Priority+changed.Category == "":
		return assigned
	}
	return Changed(out.Ticket, changed) + " " + assigned
}
