package ticketquery

import (
	"encoding/base64"
	"encoding/binary"
	"frontdesk/db"
	"slices"
	"time"
)

// cursor is a place in a sorted list: that of one of its rows. Nobody waiting
// has the time [Never].
type cursor struct {
	sort     string
	at       time.Time
	id       int64
	priority db.TicketPriority // for the order by urgency alone
}

// Never is later than all that happens: in orders and indexes the time of nobody
// waiting, in cursors the place before the latest.
var Never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// cursorLen is one byte of order and priority each, and two numbers.
const cursorLen = 2 + 8 + 8

// encode writes the cursor for an address: opaque, URL-safe.
func (c cursor) encode() string {
	b := make([]byte, 0, cursorLen)
	b = append(b, byte(slices.Index(sorts, c.sort)), byte(slices.Index(db.AllTicketPriorityValues(), c.priority)+1))
	b = binary.BigEndian.AppendUint64(b, uint64(c.at.UnixMicro()))
	b = binary.BigEndian.AppendUint64(b, uint64(c.id))
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads a cursor of the given order. What is none, or of another
// order, is false: the list then begins at its beginning.
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
		return cursor{}, false // a time that PostgreSQL has not may go no further
	}
	return c, true
}
