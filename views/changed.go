package views

import (
	"fmt"
	"strings"

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
