package pages

import (
	"errors"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
)

// viewParam returns the view in which staff opened a ticket, and its place there: the filter and
// the cursor ?at= of the page's address, which its forms have too. It returns nil if there is none.
func viewParam(c echo.Context) *views.TicketView {
	query := c.QueryParams()
	view := &views.TicketView{Filter: queueFilter(ticketquery.ReadFilter(query)).FirstPage(), At: query.Get("at")}
	if !web.ActorOf(c).Can(account.WorkAsStaff) || view.At == "" && view.Filter == (ticketquery.Filter{}) {
		return nil
	}
	return view
}

// ticketView returns [viewParam] with the place of the ticket.
func (s *Pages) ticketView(c echo.Context, t desk.Ticket) (*views.TicketView, error) {
	view := viewParam(c)
	if view == nil {
		return nil, nil
	}
	place, ok, err := s.Desk.Lists.Place(c.Request().Context(), web.ActorOf(c), view.Filter, t.ID, view.At)
	var limited *fault.Limited
	switch {
	case errors.As(err, &limited), errors.Is(err, fault.ErrBusy): // the ticket is shown, but not its place in a search
	case err != nil:
		return nil, err
	}
	if view.Filter, view.Place = place.Filter, place; !ok {
		view.At = ""
	}
	if requester := t.RequesterID; view.Filter.Requester == strconv.FormatInt(requester, 10) {
		view.Requester = t.RequesterName
	}
	return view, nil
}

// ticketURL returns the address of a ticket that keeps the view in which it was opened.
func ticketURL(c echo.Context, id int64) string {
	if view := viewParam(c); view != nil {
		return view.URL(id)
	}
	return web.TicketURL(id)
}
