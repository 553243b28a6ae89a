package views

import (
	"strconv"

	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// TicketView is the view in which staff opened a ticket, with its place there.
type TicketView struct {
	Ticket int64 // its id
	Filter ticketquery.Filter
	Names  FilterNames // of Filter
	At     string      // the cursor of the ticket; "" if the place is unknown
	Place  ticketquery.Place
	Gone   bool // the saved view was deleted or is no longer shared with the user, so that the place is unknown
}

// Name returns the name of the view.
func (v *TicketView) Name() string { return ViewName(v.Filter, v.Names) }

// Address returns the address of the view.
func (v *TicketView) Address() string { return viewAddress(v.Filter.FirstPage()) }

// back returns the address of the view at the row of the ticket: on the first page, if the
// ticket is there, and else on a page which begins with the ticket.
func (v *TicketView) back() string {
	f := v.Filter.FirstPage()
	if v.Place.Before >= listing.PageSize {
		f.After = v.Place.Previous.At
	}
	if !v.Place.Inside {
		return viewAddress(f)
	}
	return viewAddress(f) + "#row-" + strconv.FormatInt(v.Ticket, 10)
}

// URL returns the address of a ticket with this view and its place there.
func (v *TicketView) URL(id int64) string { return placeURL(id, v.Filter, v.At) }

// Next returns the address of the next ticket of the view, or "" after the last one.
func (v *TicketView) Next() string { return v.beside(v.Place.Next) }

// End returns the sentence about a ticket after which the view has no other one.
func (v *TicketView) End() string {
	if v.At == "" { // the order of the view has changed, or its search is refused
		return "Its place in " + ui.Isolated(v.Name()) + " is not known any more, so this is the beginning."
	}
	if v.Place.Capped {
		return "It was the last ticket of " + ui.Isolated(v.Name()) + " that the search lists; it lists only the newest matches."
	}
	return "It was the last ticket of " + ui.Isolated(v.Name()) + "."
}

func (v *TicketView) previous() string { return v.beside(v.Place.Previous) }

func (v *TicketView) beside(n ticketquery.Neighbour) string {
	if n.ID == 0 {
		return ""
	}
	return placeURL(n.ID, v.Filter, n.At)
}

// position returns the place in words, such as "3 of 42", or that the ticket has left the view.
func (v *TicketView) position() string {
	others := v.Place.Before + v.Place.After
	if !v.Place.Inside {
		return "no longer here, " + v.total(others) + " " + ui.Plural(others, "other")
	}
	return upTo(v.Place.Before+1) + " of " + v.total(others+1)
}

// following returns the place of the next ticket, such as "4 of 42".
func (v *TicketView) following() string {
	before, all := v.Place.Before, v.Place.Before+v.Place.After
	if v.Place.Inside {
		before, all = before+1, all+1
	}
	return upTo(before+1) + " of " + v.total(all)
}

// total returns the number of tickets of the view, such as "42", or "100+" if a search has more matches than it lists.
func (v *TicketView) total(n int) string {
	if v.Place.Capped && n < ticketquery.PlaceCap {
		return listing.Capped{N: int64(n), More: true}.String()
	}
	return upTo(n)
}

// upTo returns a number up to [ticketquery.PlaceCap].
func upTo(n int) string { return listing.Cap(n, ticketquery.PlaceCap).String() }
