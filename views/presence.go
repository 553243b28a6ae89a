package views

import (
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// Person is a user who has a ticket open.
type Person struct {
	ID      int64
	Name    string
	Staff   bool   // on the side of staff; a member of staff is on the requester's side of their own ticket
	Writing string // "chat" or "comment" while they write it, else ""
	Noting  bool   // they write a note, which only staff may see
	Seen    int64  // the sequence number up to which they have seen the log; 0 if unknown
}

// isWriting reports whether they write anything, as staff see it.
func (p Person) isWriting() bool { return p.Writing != "" || p.Noting }

// Presence has the users who have a ticket open, and what they write. It is not stored.
type Presence struct {
	People []Person
	Staff  bool // the reader is on the side of staff
}

// otherSide returns the people on the other side of the ticket.
func (n Presence) otherSide() []Person {
	return n.pick(func(p Person) bool { return p.Staff != n.Staff })
}

// colleagues returns the staff other than the reader; none if the reader is the customer.
func (n Presence) colleagues(reader int64) []Person {
	return n.pick(func(p Person) bool { return n.Staff && p.Staff && p.ID != reader })
}

func (n Presence) pick(wanted func(Person) bool) (out []Person) {
	for _, p := range n.People {
		if wanted(p) {
			out = append(out, p)
		}
	}
	return out
}

// anyStaff is shown on a requester's page instead of the name of a member of staff. Requesters
// must not see which of them has read the ticket.
const anyStaff = "staff"

// readerOf returns who of the other side has seen a message of the actor.
func readerOf(actor account.Actor, t desk.Ticket) string {
	if desk.SideOf(actor, t) == desk.RequesterSide {
		return anyStaff
	}
	return ui.FirstName(t.RequesterName)
}

// seen returns up to which sequence number the other side has seen the log, and who has; 0 if
// that is unknown.
func (n Presence) seen() (by string, seq int64) {
	for _, p := range n.otherSide() {
		if p.Seen > seq {
			by, seq = ui.FirstName(p.Name), p.Seen
		}
	}
	if !n.Staff {
		by = anyStaff
	}
	return by, seq
}

// MaxNamed is how many people are named. The rest is counted.
const MaxNamed = 3

// here returns who of the other side is here; for the requester "Staff are here".
func (n Presence) here() string {
	if !n.Staff {
		return "Staff are here"
	}
	return hereText(n.otherSide())
}

// hereText returns "Priya is here" or "Priya and Tom are here".
func hereText(people []Person) string {
	if len(people) == 1 {
		return ui.FirstName(people[0].Name) + " is here"
	}
	return firstNames(people) + " are here"
}

// writing returns who of the other side is writing in the chat: "and is writing" if only one
// person is here, "" if no user is writing.
func (n Presence) writing() string {
	people := n.otherSide()
	var writing []Person
	for _, p := range people {
		if p.Writing == "chat" {
			writing = append(writing, p)
		}
	}
	switch {
	case len(writing) == 0:
		return ""
	case !n.Staff:
		return "and are writing"
	case len(people) == 1:
		return "and is writing"
	case len(writing) == 1:
		return ui.FirstName(writing[0].Name) + " is writing"
	}
	return firstNames(writing) + " are writing"
}

// firstNames returns the first names of people, such as "Priya, Tom, Ben and 2 others".
func firstNames(people []Person) string {
	var all []string
	for _, p := range people[:min(len(people), MaxNamed)] {
		all = append(all, ui.FirstName(p.Name))
	}
	if more := len(people) - MaxNamed; more > 0 {
		all = append(all, ui.Count(more, "other"))
	}
	return ui.JoinNames(all)
}

// activityText returns what a colleague does on the ticket.
func activityText(p Person) string {
	switch {
	case p.Writing == "comment":
		return ui.Isolated(p.Name) + " is writing a reply"
	case p.Writing == "chat":
		return ui.Isolated(p.Name) + " is writing in the chat"
	case p.Noting:
		return ui.Isolated(p.Name) + " is writing an internal note"
	}
	return ui.Isolated(p.Name) + " is reading this ticket too"
}
