package desk

import "frontdesk/db"

// The rows of the database under the names that views and handlers use, so
// that these never name the database.
type (
	Status    = db.TicketStatus
	Priority  = db.TicketPriority
	EventKind = db.EventKind

	Category = db.Category
	// Attachment is a file of an entry, or one staged for a form.
	Attachment = db.Attachment
	// Ticket is one ticket as its page shows it, with the names of its requester and category.
	Ticket = db.GetTicketRow
)

// Statuses hang on a fixed meaning; their labels are the views' business.
const (
	StatusOpen       = db.TicketStatusOPEN
	StatusInProgress = db.TicketStatusINPROGRESS
	StatusResolved   = db.TicketStatusRESOLVED
	StatusClosed     = db.TicketStatusCLOSED
)

// Priorities, in rising order.
const (
	PriorityLow    = db.TicketPriorityLow
	PriorityMedium = db.TicketPriorityMedium
	PriorityHigh   = db.TicketPriorityHigh
	PriorityUrgent = db.TicketPriorityUrgent
)

// Kinds of entries in a ticket's log.
const (
	KindOpened     = db.EventKindOpened
	KindComment    = db.EventKindComment
	KindMessage    = db.EventKindMessage
	KindStatus     = db.EventKindStatus
	KindField      = db.EventKindField
	KindAttachment = db.EventKindAttachment
	KindDeletion   = db.EventKindDeletion
)

// Statuses lists every status in the order of a ticket's life.
func Statuses() []Status { return db.AllTicketStatusValues() }

// Priorities lists every priority, lowest first.
func Priorities() []Priority { return db.AllTicketPriorityValues() }
