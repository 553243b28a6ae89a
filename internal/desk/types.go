package desk

import "frontdesk/db"

// Aliases of the database's types, so that views and handlers do not import package db.
type (
	Status   = db.TicketStatus
	Priority = db.TicketPriority
	Kind     = db.EventKind

	Category = db.Category
	// Attachment is a file of an entry, or one staged for a form.
	Attachment = db.Attachment
	// Ticket is a ticket with the names of its requester and category.
	Ticket = db.GetTicketRow
)

// Statuses. Their labels are in the views.
const (
	StatusOpen       = db.TicketStatusOPEN
	StatusInProgress = db.TicketStatusINPROGRESS
	StatusResolved   = db.TicketStatusRESOLVED
	StatusClosed     = db.TicketStatusCLOSED
)

// Priorities, lowest first.
const (
	PriorityLow    = db.TicketPriorityLow
	PriorityMedium = db.TicketPriorityMedium
	PriorityHigh   = db.TicketPriorityHigh
	PriorityUrgent = db.TicketPriorityUrgent
)

// DefaultPriority is the priority of a ticket for which the requester chooses none.
const DefaultPriority = PriorityMedium

// Statuses returns all statuses in the order in which a ticket passes through them.
func Statuses() []Status { return db.AllTicketStatusValues() }

// Priorities returns all priorities, lowest first.
func Priorities() []Priority { return db.AllTicketPriorityValues() }

// Cause returns the fault for an error that was caused by a failure of the database, or
// nil for other errors. See [db.Cause].
func Cause(err error) error { return db.Cause(err) }
