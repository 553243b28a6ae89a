package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Queue has the queue of staff.
type Queue struct{ *core }

// Show shows staff the first view: the unresolved tickets, those that wait longest first.
func (s *Queue) Show(c echo.Context) error {
	return s.showQueue(c, dashboardFilter(ticketquery.ReadFilter(c.QueryParams()).WithoutView()))
}

// dashboardFilter returns the filter of the dashboard. By default these are the unresolved
// tickets, those that wait longest first.
func dashboardFilter(f ticketquery.Filter) ticketquery.Filter {
	switch f.Status {
	case "":
		f.Status = ticketquery.FilterActive
	case views.QueueAll:
		return f
	}
	if f.Sort == "" {
		f.Sort = ticketquery.SortWaiting // lists of resolved and closed tickets ignore it
	}
	return f
}

// queueFilter returns the filter of the queue for the desk. Tickets of any status have no order
// by waiting time.
func queueFilter(f ticketquery.Filter) ticketquery.Filter {
	if f.Status == views.QueueAll {
		if f.Status = ""; f.Sort == ticketquery.SortWaiting {
			f.Sort = ""
		}
	}
	return f
}

// showQueue shows staff the tickets of a filter, and a notice about parts of it that have
// ended. htmx gets the queue as a fragment.
func (s *core) showQueue(c echo.Context, filter ticketquery.Filter, ended ...string) error {
	filter = queueFilter(filter)
	list, err := s.Desk.Lists.List(c.Request().Context(), web.ActorOf(c), filter)
	if err != nil {
		return err
	}
	page, err := s.queuePage(c, list, filter)
	if err != nil {
		return err
	}
	page.Search = ui.NewSearch(filter.Q, list.Filter.Q)
	page.Ended, page.Ignored = ended, ignoredParameters(c, list.Filter)
	page.Change, page.Partial = web.SeqParam(c, "change"), web.IsPartial(c)
	return s.RenderWithViews(c, http.StatusOK, views.Queue(page), "queue")
}

// ignoredParameters returns the parameters of the address that the list ignores, because their values
// do not exist. An order that does not fit the status is none of them: the form of filters sends it.
func ignoredParameters(c echo.Context, applied ticketquery.Filter) []string {
	asked := queueFilter(ticketquery.ReadFilter(c.QueryParams()))
	asked.Sort = ""
	return asked.Ignored(applied)
}

// ShowRow answers the queue with the row of a ticket, with the form that changes it. Other
// requests are redirected to the queue, where the row is open then.
func (s *Queue) ShowRow(c echo.Context) error {
	t, err := s.ticketFor(c, desk.ToTriage)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if !web.IsPartial(c) {
		return web.SeeOther(c, withChange(listPath(c.QueryParams()), t.ID))
	}
	asked, _, err := s.filterOf(c)
	if err != nil {
		return err
	}
	asked = queueFilter(asked)
	now, err := s.Desk.Lists.Changes(ctx, actor, asked, time.Time{}, []int64{t.ID})
	if err != nil {
		return err
	}
	list := ticketquery.List{Page: ticketquery.Page{Filter: now.Filter, Rows: now.Rows}}
	if list.Categories, err = s.Desk.Categories.List(ctx); err != nil {
		return err
	}
	page, err := s.queuePage(c, list, asked)
	if err != nil {
		return err
	}
	page.Change = t.ID
	return s.RenderBackground(c, views.QueueRows(page))
}

// queuePage returns the page of a list that was read with a filter.
func (s *core) queuePage(c echo.Context, list ticketquery.List, asked ticketquery.Filter) (views.QueuePage, error) {
	workers, err := s.workersOf(c, list)
	if err != nil {
		return views.QueuePage{}, err
	}
	page := views.QueuePage{List: list, Filter: list.Filter, Names: views.FilterNames{Requester: requesterOf(list.Page), Workers: workers},
		Presence: s.presenceAt(list.Rows, web.ActorOf(c))}
	page.Filter.After, page.Filter.Before = asked.After, asked.Before
	if page.Filter.Sort == ticketquery.SortUpdated {
		page.Filter.Sort = ""
	}
	return page, nil
}

// workersOf returns the names of the assignee and the team of the filter of a list. The list has all teams.
func (s *core) workersOf(c echo.Context, list ticketquery.List) (savedview.Workers, error) {
	unknown := list.Filter
	team, known := list.Team()
	if known {
		unknown.Team = ""
	}
	workers, err := s.Desk.Views.Workers(c.Request().Context(), web.ActorOf(c), unknown)
	if known {
		workers.Team = team.Name
	}
	return workers, err
}

// requesterOf returns the name of the requester by whom a list is filtered, or "".
func requesterOf(list ticketquery.Page) string {
	if list.Filter.Requester == "" || len(list.Rows) == 0 {
		return ""
	}
	return list.Rows[0].RequesterName
}

// presenceAt returns the users who have a ticket of the queue open, by ticket id.
func (s *core) presenceAt(rows []ticketquery.Row, actor account.Actor) map[int64]views.Presence {
	all := map[int64]views.Presence{}
	for _, r := range rows {
		if n := s.presence.Present(r.ID, desk.SeesInternal(actor, desk.Ticket{RequesterID: r.RequesterID})); len(n.People) > 0 {
			all[r.ID] = n
		}
	}
	return all
}

// withChange returns the address of the queue with the row of a ticket open for changes.
func withChange(queue string, id int64) string {
	u, err := url.Parse(queue)
	if err != nil {
		return queue
	}
	query := u.Query()
	query.Set("change", strconv.FormatInt(id, 10))
	u.RawQuery = query.Encode()
	return u.String()
}

// triagedInQueue answers a triage in a row of the queue. It redirects to back, with the row
// open again if the ticket had changed in the meantime.
func (s *Triage) triagedInQueue(c echo.Context, back string, id int64, err error) error {
	var stale *desk.Stale
	var taken *desk.Taken
	if errors.As(err, &taken) {
		web.Flash(c, "warn", fmt.Sprintf("%s Nothing was saved on ticket #%d; choose again.", taken.Text(), id))
		back = withChange(back, id)
	} else if errors.As(err, &stale) {
		web.Flash(c, "warn", fmt.Sprintf("Ticket #%d changed while you were choosing. Nothing was saved; choose again.", id))
		back = withChange(back, id)
	} else if err != nil {
		return err
	}
	return web.Done(c, back, "")
}
