package views

import (
	"fmt"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/views/ui"
)

// NoteFields is the data of the form for an internal note.
type NoteFields struct {
	Text, SubmissionID string
	Open               bool              // the form is open, and the one for a reply closed
	Files              []desk.Attachment // uploaded with an attempt that failed
	Notice             string            // why it was not saved, if no field has an error
	Hint               string            // which names of the note that was just saved mention no colleague
	SentSeq            int64             // the sequence number of the note that was just saved; 0 for none
	Invalid            *fault.Invalid
}

// invalid returns the errors of the form by the ids of its fields.
func (f NoteFields) invalid() *fault.Invalid {
	return f.Invalid.Renamed(func(field string) string {
		if field == "text" || field == "attachment" {
			return "note-" + field
		}
		return field
	})
}

// hasNotes reports whether the page has a form for internal notes beside that for a comment.
func (p *TicketPage) hasNotes(a account.Actor) bool { return desk.May(a, desk.ToNote, p.ticket()) }

// isCard reports whether an entry is shown as a card with its text, and not as a sentence.
func isCard(e *desk.Event) bool {
	return e.Kind == event.KindComment || e.Kind == event.KindNote && !e.Note().Deleted
}

// Unmentioned returns which names of a note mention no colleague, and why; "" if all do.
func Unmentioned(names []desk.Unmentioned) string {
	var all []string
	for _, n := range names {
		name := "@" + ui.Isolated(n.Name)
		switch n.Reason {
		case desk.NameAmbiguous:
			all = append(all, name+" is the name of several colleagues: write the whole name of one of them, or their e-mail address.")
		case desk.NameBeyond:
			all = append(all, fmt.Sprintf("%s and the names after it were not looked up: a note can mention at most %d. Write another note for the others.", name, desk.MaxMentions))
		default:
			all = append(all, name+" was not notified: no colleague who can read this ticket has this name.")
		}
	}
	return strings.Join(all, " ")
}
