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
)

// TicketForm is a ticket as its form shows it, new or edited, with what was
// typed into it.
type TicketForm struct {
	desk.EditInput
	Categories []desk.Category // all; retired ones are offered only where the ticket has them
	Kept       []desk.Attachment
	MaxUpload  int64  // bytes a file
	Notice     string // why it was not sent, where no field is at fault
	Invalid    *fault.Invalid
	Last       int64 // the writer's newest ticket, 0 for none

	// Of an edited ticket only:
	Ticket desk.Ticket
	Files  []desk.Attachment // on the ticket already, and the actor's to take away
	Stale  *desk.Ticket      // as it is now, where it changed while this was typed
}

// FillFrom shows the ticket as it is.
func (f *TicketForm) FillFrom(t desk.Ticket) {
	f.Ticket = t
	f.Subject, f.Description, f.Priority = t.Subject, t.Description, string(t.Priority)
	f.Category, f.Version = strconv.FormatInt(t.CategoryID, 10), int(t.Version)
}

func (f TicketForm) rule(name string) input.Rule { return input.RulesOf(desk.TicketInput{})[name] }

// chosen reports whether the form names the category, by number or by name.
func (f TicketForm) chosen(c desk.Category) bool {
	return f.Category == strconv.FormatInt(c.ID, 10) || f.Category == c.Name
}

func (f TicketForm) removes(name string) bool {
	return slices.Contains(f.Remove, name)
}

func (f TicketForm) link(below string) templ.SafeURL {
	return templ.SafeURL(fmt.Sprintf("/tickets/%d%s", f.Ticket.ID, below))
}

// difference is one field that reads otherwise now than in the form.
type difference struct{ Label, Theirs string }

// differences are the fields of a stale form that the ticket has otherwise by now.
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

// priorityWords say a priority as its requester means it.
func priorityWords(p desk.Priority) string {
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

// goesWith lists what is deleted together with the ticket: "7 comments, 12 chat
// messages and 2 files". It is "" if there is nothing.
func goesWith(d desk.Deletion) string {
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{d.Comments, "comment"}, {d.Messages, "chat message"}, {d.Files, "file"}} {
		if p.n > 0 {
			parts = append(parts, count(p.n, p.noun))
		}
	}
	return joinNames(parts)
}

// withItGo is the sentence of the deletion page about what is deleted too.
func withItGo(d desk.Deletion) string {
	if what := goesWith(d); what != "" {
		return "This also deletes " + what + "."
	}
	return "It has no comments, chat messages or files."
}

// keptWords says what is not lost. Files are still here only where they arrived.
func (f TicketForm) keptWords() string {
	switch n := len(f.Kept); n {
	case 0:
		return "All you typed is still here."
	case 1:
		return "All you typed is still here, and so is the file that arrived."
	default:
		return "All you typed is still here, and so are the " + strconv.Itoa(n) + " files that arrived."
	}
}
