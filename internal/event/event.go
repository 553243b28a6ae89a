// Package event has the kinds of entries in a ticket's log, and the data of each kind as the
// database stores it. The packages that write entries and those that consume them share it.
package event

import (
	"encoding/json"

	"frontdesk/db"
)

// Kind is the kind of an entry.
type Kind = db.EventKind

// Kinds of entries.
const (
	KindOpened     = db.EventKindOpened
	KindComment    = db.EventKindComment
	KindMessage    = db.EventKindMessage
	KindStatus     = db.EventKindStatus
	KindField      = db.EventKindField
	KindAttachment = db.EventKindAttachment
	KindDeletion   = db.EventKindDeletion
)

// Kinds of internal entries, which only staff see.
const (
	KindNote       = db.EventKindNote
	KindAssignment = db.EventKindAssignment
	KindTeam       = db.EventKindTeam
)

// Decode decodes the data of an entry. It returns the zero value for data that is not valid.
func Decode[T any](data []byte) T {
	var v T
	if json.Unmarshal(data, &v) != nil {
		return *new(T)
	}
	return v
}

// StatusChange is the data of a status entry. Why is "" if a user set the status,
// "comment" or "message" if one by the requester reopened the ticket, and "solved" if
// the requester marked the ticket as solved. Reply is the seq of the comment with which staff
// set it, or 0.
type StatusChange struct {
	From  db.TicketStatus `json:"from"`
	To    db.TicketStatus `json:"to"`
	Why   string          `json:"why,omitempty"`
	Reply int64           `json:"reply,omitempty"`
}

// FieldChange is the data of a field entry: subject, description, category or priority.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// FileChange is the data of an attachment entry. It is the zero value for added files.
type FileChange struct {
	Removed string `json:"removed,omitempty"` // the filename of the removed file
}

// Deletion is the data of a deletion entry.
type Deletion struct {
	Restored bool `json:"restored"` // the ticket was restored, not deleted
}
