package pages

import (
	"errors"
	"maps"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
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

// ticketView returns [viewParam] with the place of the ticket, or without it if the saved view is gone.
func (s *core) ticketView(c echo.Context, t desk.Ticket) (*views.TicketView, error) {
	view := viewParam(c)
	if view == nil {
		return nil, nil
	}
	view.Ticket = t.ID
	filter, _, err := s.filterOf(c)
	if errors.Is(err, fault.ErrNotFound) {
		view.Gone = true
		return view, nil
	}
	if err != nil {
		return nil, err
	}
	place, ok, err := s.Desk.Lists.Place(c.Request().Context(), web.ActorOf(c), queueFilter(filter), t.ID, view.At)
	var limited *fault.Limited
	switch {
	case errors.As(err, &limited), errors.Is(err, fault.ErrBusy): // the ticket is shown, but not its place in a search
	case err != nil:
		return nil, err
	}
	if view.Filter, view.Place = place.Filter, place; !ok {
		view.At = ""
	}
	if view.Filter.Requester == strconv.FormatInt(t.RequesterID, 10) {
		view.Names.Requester = t.RequesterName
	}
	view.Names.Workers, err = s.Desk.Views.Workers(c.Request().Context(), web.ActorOf(c), view.Filter)
	return view, err
}

// ticketURL returns the address of a ticket that keeps the view in which it was opened.
func ticketURL(c echo.Context, id int64) string {
	if viewParam(c) == nil {
		return web.TicketURL(id)
	}
	query := maps.Clone(c.QueryParams())
	for _, other := range []string{"before", "after", ui.ProofField} {
		query.Del(other)
	}
	return ui.WithQuery(web.TicketURL(id), query)
}
