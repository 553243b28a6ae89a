package views

import (
	"strconv"

	"frontdesk/internal/account"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// rowID returns the id of the row of a ticket.
func rowID(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

func rowTarget(prefix string, id int64) string { return "#" + rowID(prefix, id) }

func newTicketsText(n listing.Capped) string {
	if n.N == 1 {
		return "1 new ticket"
	}
	return n.String() + " new tickets"
}

// unreadRows returns how many rows are unread.
func unreadRows(a account.Actor, rows []ticketquery.Row) (n int) {
	for _, r := range rows {
		if isUnread(a, r) {
			n++
		}
	}
	return n
}

// unreadOf returns the number in the title of a list: its unread rows and, for staff, the new
// tickets that it does not show. A customer's new tickets are their own.
func unreadOf(a account.Actor, rows []ticketquery.Row, arrived listing.Capped) int {
	n := unreadRows(a, rows)
	if a.Can(account.WorkAsStaff) {
		n += int(arrived.N)
	}
	return n
}
