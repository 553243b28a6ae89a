package ticketquery

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"frontdesk/db"
)

// cursor is the position of a row in a sorted list. In the order by waiting time, at is
// [Never] if the requester is not waiting.
type cursor struct {
	sort     string
	at       time.Time
	id       int64
	priority db.TicketPriority // only for the order by urgency
}

// Never is later than any other time. Orders and indexes use it for tickets whose requester
// is not waiting.
var Never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// cursorLen is the length in bytes: the order, the priority, the time and the id.
const cursorLen = 2 + 8 + 8

// encode returns the cursor as text for a URL.
func (c cursor) encode() string {
	b := make([]byte, 0, cursorLen)
	b = append(b, byte(slices.Index(sorts, c.sort)), byte(slices.Index(db.AllTicketPriorityValues(), c.priority)+1))
	b = binary.BigEndian.AppendUint64(b, uint64(c.at.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(c.id))
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor of the given order, and reports whether text is one. Callers
// show the first page if it is not.
func parseCursor(text, sort string) (cursor, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != cursorLen || int(b[0]) >= len(sorts) || sorts[b[0]] != sort || int(b[1]) > len(db.AllTicketPriorityValues()) {
		return cursor{}, false
	}
	c := cursor{sort: sort, at: time.UnixMicro(int64(binary.BigEndian.Uint64(b[2:]))).UTC(), id: int64(binary.BigEndian.Uint64(b[10:]))}
	if b[1] > 0 {
		c.priority = db.AllTicketPriorityValues()[b[1]-1]
	}
	if c.id <= 0 || c.at.Year() < 1970 || c.at.After(Never) || sort == SortUrgent && c.priority == "" {
		return cursor{}, false // a time out of this range is an error in PostgreSQL
	}
	return c, true
}
