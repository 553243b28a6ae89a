package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/views/ui"
)

// TicketForm is the data of the form of a new or existing ticket.
type TicketForm struct {
	desk.EditInput
	desk.ForInput
	Categories []desk.Category // all; a retired one is offered only if the ticket has it
	Kept       []desk.Attachment
	MaxUpload  int64  // bytes a file
	Notice     string // why it was not sent, if no field has an error
	Invalid    *fault.Invalid
	Last       int64                // the newest ticket of the user, or that they opened for another one; 0 for none
	Requesters desk.FoundRequesters // by the name in the field for the requester

	// Only for an existing ticket:
	Ticket desk.Ticket
	Files  []desk.Attachment // files of the ticket that the actor may remove
	Stale  *desk.Ticket      // the ticket as it is now, if it changed in the meantime
}

// FillFrom fills the form with the ticket.
func (f *TicketForm) FillFrom(t desk.Ticket) {
	f.Ticket = t
	f.Subject, f.Description, f.Priority = t.Subject, t.Description, string(t.Priority)
	f.Category, f.Version = strconv.FormatInt(t.CategoryID, 10), int(t.Version)
}

func (f TicketForm) rule(name string) input.Rule { return input.RulesOf(desk.TicketInput{})[name] }

// chosen reports whether the form names the category, by number or by name.
func (f TicketForm) chosen(c desk.Category) bool { return isCategory(c, f.Category) }

// lacksCategory reports whether no category is chosen, or one that has been retired since.
func (f TicketForm) lacksCategory() bool { return !isSelectable(f.Categories, f.Ticket, f.Category) }

func (f TicketForm) removes(name string) bool {
	return slices.Contains(f.Remove, name)
}

func (f TicketForm) link(below string) templ.SafeURL {
	return templ.SafeURL(fmt.Sprintf("/tickets/%d%s", f.Ticket.ID, below))
}

// difference is a field whose value differs between the ticket and the form.
type difference struct{ Label, Theirs string }

// differences returns the fields in which the ticket now differs from the form.
func (f TicketForm) differences() (out []difference) {
	add := func(label, theirs, yours string) {
		if theirs != strings.TrimSpace(strings.ReplaceAll(yours, "\r\n", "\n")) {
			out = append(out, difference{label, theirs})
		}
	}
	category := f.Category
	for _, c := range f.Categories {
		if f.chosen(c) {
			category = c.Name
		}
	}
	add("Subject", f.Stale.Subject, f.Subject)
	add("The description", f.Stale.Description, f.Description)
	add("Category", f.Stale.Category, category)
	add("The priority", string(f.Stale.Priority), f.Priority)
	return out
}

// priorityText returns a priority with its meaning for the requester.
func priorityText(p desk.Priority) string {
	switch p {
	case desk.PriorityLow:
		return "Low: when you have time"
	case desk.PriorityMedium:
		return "Medium: this week would be good"
	case desk.PriorityHigh:
		return "High: it keeps me from my work"
	case desk.PriorityUrgent:
		return "Urgent: I am stuck right now"
	}
	return string(p)
}

// deletedWith returns what is deleted together with the ticket: "7 comments, 12 chat
// messages and 2 files". It is "" if there is nothing.
func deletedWith(d desk.Deletion) string {
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{d.Comments, "comment"}, {d.Messages, "chat message"}, {d.Files, "file"}} {
		if p.n > 0 {
			parts = append(parts, ui.Count(p.n, p.noun))
		}
	}
	return ui.JoinNames(parts)
}

// deletionText returns the sentence of the deletion page about what is deleted with the ticket.
func deletionText(d desk.Deletion) string {
	if what := deletedWith(d); what != "" {
		return "This also deletes " + what + "."
	}
	return "It has no comments, chat messages or files."
}

// keptText says what is kept after an error. Only files that were uploaded completely are.
func (f TicketForm) keptText() string {
	switch n := len(f.Kept); n {
	case 0:
		return "What you typed is still here."
	case 1:
		return "What you typed is still here, and so is the file you uploaded."
	default:
		return "What you typed is still here, and so are the " + strconv.Itoa(n) + " files you uploaded."
	}
}
