package desk

import "frontdesk/internal/account"

// This file is the policy for tickets. Services enforce it, and views call it to decide whether to show a
// button. The queries decide who may read a ticket. The rules for other things are beside them:
// [MayManageTeam], [MayDeleteNote], [MayOpenFor],
// savedview.MayShareWithEverybody and account.Actor.MayChange.

// Act is an action on a ticket that the actor may read.
type Act uint8

// Actions whose permission depends on the ticket.
const (
	ToEdit   Act = iota // change subject, description, category, priority and files
	ToDelete            // delete the ticket, or restore it
	ToTriage            // set status, priority and category
	ToReply             // write comments and chat messages
	ToAssign            // set assignee and team, and see them
	ToSolve             // set the status to resolved as the requester ("This is solved")
	ToNote              // write internal notes
)

// May reports whether the actor may perform act on a ticket that they may read.
func May(actor account.Actor, act Act, t Ticket) bool {
	requester := SideOf(actor, t) == RequesterSide
	switch act {
	case ToEdit:
		return requester || actor.Can(account.TriageTickets)
	case ToDelete:
		return requester || actor.Can(account.DeleteTickets)
	case ToTriage:
		return actor.Can(account.TriageTickets)
	case ToNote:
		return SeesInternal(actor, t) && actor.Can(account.AddNotes)
	case ToReply:
		return requester || actor.Can(account.ReplyToTickets)
	case ToAssign:
		return SideOf(actor, t) == StaffSide && actor.Can(account.TriageTickets)
	case ToSolve:
		return requester && t.Status.IsActive()
	}
	return false
}

// Side is the side of a conversation.
type Side string

// Sides. The zero value means that the actor may not read the ticket.
const (
	RequesterSide Side = "requester"
	StaffSide     Side = "staff"
)

// SideOf returns the side on which the actor takes part in a ticket. A member of staff
// is on the requester's side of their own tickets.
func SideOf(actor account.Actor, t Ticket) Side {
	switch {
	case actor.ID != 0 && actor.ID == t.RequesterID:
		return RequesterSide
	case isStaff(actor):
		return StaffSide
	}
	return ""
}

// SeesInternal reports whether the actor sees the internal events of a ticket that they may
// read. The SQL function on_staff_side decides the same where a query reads the ticket and
// its events together.
func SeesInternal(actor account.Actor, t Ticket) bool { return SideOf(actor, t) == StaffSide }

// isStaff reports whether the actor is on the side of staff for tickets of others. It is
// the first argument of on_staff_side.
func isStaff(actor account.Actor) bool { return actor.Can(account.WorkAsStaff) }
