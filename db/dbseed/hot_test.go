package dbseed_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

type hotDesk struct {
	*desk.Desk
	e *explainer
}

// few is the maximum number of rows that are read to find one of a selection: at least one in five.
const few = 5

// work is an action of users. The test runs it several times, with another n each time, and
// checks the plans of the last run.
type work struct {
	name  string
	shown int // the rows on the page, if more than a statement returns
	reads int // the maximum number of read rows, if more than five times the shown ones
	do    func(ctx context.Context, h hotDesk, n int) error
}

var (
	customer = account.Actor{ID: dbseed.UserWithFifty, Role: account.RoleCustomer}
	regular  = account.Actor{ID: dbseed.UserWithFiveHundred, Role: account.RoleCustomer}
	staff    = account.Actor{ID: dbseed.Admin, Role: account.RoleAdmin}
)

// Maximum numbers of read rows for works that need more. Only the tickets of an assignee grow with the desk.
const (
	ownAll     = 1500                                 // all 500 tickets of a customer, and the names of the shown ones
	strict     = 1500                                 // for a filter that selects one of fifteen: the rows until a page is full
	placeReads = 2 * (ticketquery.PlaceCap + 1) * few // the tickets before and after the place, counted up to a cap
	countReads = (ticketquery.ViewCap + 1) * few      // the tickets of a view, counted up to a cap
	byNumber   = 4500                                 // for a feed without an index of its numbers: all tickets of the assignee, or one of twenty
	searched   = 8000                                 // 400 tickets with their texts, or as many as are needed to find 100
	stretch    = 30_000                               // a range of tickets that all contain the word, and the rows above
)

// reading returns the work with the number of rows that it may read.
func (w work) reading(rows int) work {
	w.reads = rows
	return w
}

// list returns a work that opens a page of the list, the given number of pages after the first.
func list(name string, actor account.Actor, f ticketquery.Filter, pages int) work {
	return work{name: name, shown: listing.PageSize, do: func(ctx context.Context, h hotDesk, n int) error {
		f := f
		for range pages {
			p, err := h.Lists.Page(ctx, actor, f)
			if err != nil || p.After == "" {
				return fmt.Errorf("no further page: %v", err)
			}
			f.After = p.After
		}
		h.e.forget()
		_, err := h.Lists.List(ctx, actor, f)
		return err
	}}
}

// back returns a work that goes back from the third page.
func back(name string, actor account.Actor, f ticketquery.Filter) work {
	return work{name: name, shown: listing.PageSize, do: func(ctx context.Context, h hotDesk, n int) error {
		var p ticketquery.Page
		for range 3 {
			var err error
			f := f
			f.After = p.After
			if p, err = h.Lists.Page(ctx, actor, f); err != nil {
				return err
			}
		}
		h.e.forget()
		f := f
		f.Before = p.Before
		_, err := h.Lists.List(ctx, actor, f)
		return err
	}}
}

// place returns a work that finds the place of the last ticket of the first page of a list.
func place(name string, actor account.Actor, f ticketquery.Filter) work {
	return work{name: name, reads: placeReads, do: func(ctx context.Context, h hotDesk, n int) error {
		p, err := h.Lists.Page(ctx, actor, f)
		if err != nil {
			return err
		}
		last := p.Rows[len(p.Rows)-1]
		h.e.forget()
		_, _, err = h.Lists.Place(ctx, actor, f, last.ID, p.Cursor(last))
		return err
	}}
}

// countViews counts the tickets of 12 views in one statement. The desk is a new one, which has
// counted nothing before.
func countViews(ctx context.Context, d *desk.Desk, e *explainer) error {
	active, waiting := ticketquery.FilterActive, ticketquery.SortWaiting
	e.forget()
	_, err := d.Lists.Counts(ctx, staff, []ticketquery.Filter{
		{Assignee: "me", Status: active, Sort: waiting}, {Assignee: "none", Status: active, Sort: waiting}, {Status: active, Sort: waiting},
		{Status: ticketquery.FilterWaiting, Sort: waiting}, {Team: "1", Status: active}, {Team: "mine", Status: active}, {Team: "4"},
		{Assignee: "2001"}, {Assignee: "none"}, {Priority: "Urgent", Status: active}, {Category: "Billing", Status: active}, {Status: "RESOLVED"},
	})
	return err
}

// feed returns the work of reading 100 tickets of a feed.
func feed(name string, actor account.Actor, f ticketquery.Filter) work {
	return work{name: name, do: func(ctx context.Context, h hotDesk, n int) error {
		return h.Lists.Each(ctx, actor, f, 100, listing.Visitor[ticketquery.FeedTicket]{Entry: func(ticketquery.FeedTicket) error { return nil }})
	}}
}

// timeline returns the work of reading a range of a ticket's timeline.
func timeline(name string, actor account.Actor, id int64, r desk.TimelineRange) work {
	return work{name: name, shown: desk.PageEntries, do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Log.Timeline(ctx, actor, id, r)
		return err
	}}
}

var hot = []work{
	list("list own 50", customer, ticketquery.Filter{}, 0),
	list("list own 500", regular, ticketquery.Filter{}, 0),
	list("list own 500 page 4", regular, ticketquery.Filter{}, 3),
	back("list own 500 back", regular, ticketquery.Filter{}),
	list("list own status", regular, ticketquery.Filter{Status: "RESOLVED"}, 1),
	list("list own active", regular, ticketquery.Filter{Status: ticketquery.FilterActive}, 0),
	list("list own category and priority", regular, ticketquery.Filter{Category: "Billing", Priority: "High"}, 0).reading(ownAll),
	list("list own by urgency", regular, ticketquery.Filter{Sort: ticketquery.SortUrgent}, 1).reading(ownAll),
	list("list own oldest", regular, ticketquery.Filter{Sort: ticketquery.SortOldest}, 1).reading(ownAll),
	list("list all", staff, ticketquery.Filter{}, 0),
	list("list all page 4", staff, ticketquery.Filter{}, 3),
	back("list all back", staff, ticketquery.Filter{}),
	list("list all by creation", staff, ticketquery.Filter{Sort: ticketquery.SortCreated}, 1),
	list("list all oldest", staff, ticketquery.Filter{Sort: ticketquery.SortOldest}, 1),
	list("list all by urgency", staff, ticketquery.Filter{Sort: ticketquery.SortUrgent}, 1),
	list("list open", staff, ticketquery.Filter{Status: "OPEN"}, 1),
	list("list resolved", staff, ticketquery.Filter{Status: "RESOLVED"}, 1),
	list("list closed oldest", staff, ticketquery.Filter{Status: "CLOSED", Sort: ticketquery.SortOldest}, 1),
	list("list resolved by urgency", staff, ticketquery.Filter{Status: "RESOLVED", Sort: ticketquery.SortUrgent}, 1).reading(strict),
	list("list assignee", staff, ticketquery.Filter{Assignee: "2001"}, 1),
	list("list assignee active", staff, ticketquery.Filter{Assignee: "me", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}, 0),
	list("list unassigned", staff, ticketquery.Filter{Assignee: "none", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}, 1),
	list("list unassigned of all statuses", staff, ticketquery.Filter{Assignee: "none"}, 1),
	list("list team", staff, ticketquery.Filter{Team: "4"}, 1),
	list("list team active", staff, ticketquery.Filter{Team: "4", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}, 0),
	list("list team open and urgent", staff, ticketquery.Filter{Team: "4", Status: "OPEN", Priority: "Urgent"}, 0),
	list("list unassigned open and urgent", staff, ticketquery.Filter{Assignee: "none", Status: "OPEN", Priority: "Urgent"}, 0),
	list("list unassigned team", staff, ticketquery.Filter{Team: "4", Assignee: "none", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}, 0),
	list("list unassigned team of all statuses", staff, ticketquery.Filter{Team: "4", Assignee: "none"}, 0),
	list("list without team", staff, ticketquery.Filter{Team: "none"}, 1).reading(strict),
	list("list category", staff, ticketquery.Filter{Category: "Technical"}, 1),
	list("list priority", staff, ticketquery.Filter{Priority: "Urgent"}, 1),
	list("list status category and priority", staff, ticketquery.Filter{Status: "OPEN", Category: "Billing", Priority: "Urgent"}, 0).reading(strict),
	list("list closed category and priority", staff, ticketquery.Filter{Status: "CLOSED", Category: "Billing", Priority: "Urgent"}, 0).reading(strict),
	list("list of a requester", staff, ticketquery.Filter{Requester: "3"}, 1),
	list("queue", staff, ticketquery.Filter{Status: ticketquery.FilterActive}, 1),
	list("queue by wait", staff, ticketquery.Filter{Sort: ticketquery.SortWaiting}, 1),
	back("queue by wait back", staff, ticketquery.Filter{Sort: ticketquery.SortWaiting}),
	list("queue by urgency", staff, ticketquery.Filter{Status: ticketquery.FilterActive, Sort: ticketquery.SortUrgent}, 1),
	list("queue late", staff, ticketquery.Filter{Status: ticketquery.FilterWaiting, Sort: ticketquery.SortWaiting}, 0),
	list("queue of a category", staff, ticketquery.Filter{Status: ticketquery.FilterActive, Category: "Billing"}, 0),

	place("place in the list", staff, ticketquery.Filter{}),
	place("place in the own list", regular, ticketquery.Filter{}),
	place("place of an assignee", staff, ticketquery.Filter{Assignee: "me", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}),
	place("place in unassigned", staff, ticketquery.Filter{Assignee: "none", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}),
	place("place in unassigned of all statuses", staff, ticketquery.Filter{Assignee: "none"}),
	place("place in a team", staff, ticketquery.Filter{Team: "4"}),
	place("place in the queue", staff, ticketquery.Filter{Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}),
	place("place by urgency", staff, ticketquery.Filter{Status: ticketquery.FilterActive, Sort: ticketquery.SortUrgent}),
	{name: "counts of 12 views", reads: 12 * countReads, do: func(ctx context.Context, h hotDesk, n int) error {
		return countViews(ctx, desk.New(h.e.pool, desk.Options{}), h.e)
	}},

	list("search rare", staff, ticketquery.Filter{Q: dbseed.Rare}, 0).reading(searched),
	list("search common", staff, ticketquery.Filter{Q: dbseed.Common}, 0).reading(searched),
	list("search word of long ago", staff, ticketquery.Filter{Q: dbseed.Old}, 0).reading(stretch),
	list("search half rare", staff, ticketquery.Filter{Q: "lolole"}, 0).reading(searched),
	list("search beginning of a word", staff, ticketquery.Filter{Q: "lol"}, 0).reading(searched),
	list("search two words", staff, ticketquery.Filter{Q: "bababa kadibe"}, 0).reading(searched),
	list("search two common words", staff, ticketquery.Filter{Q: "bababa bebaba"}, 0).reading(searched),
	list("search number", staff, ticketquery.Filter{Q: "#4711"}, 0).reading(searched),
	list("search address", staff, ticketquery.Filter{Q: dbseed.Email(1234)}, 0).reading(searched),
	list("search nothing", staff, ticketquery.Filter{Q: "nothinglikeit"}, 0).reading(searched),
	list("search common and status", staff, ticketquery.Filter{Q: dbseed.Common, Status: "OPEN"}, 0).reading(searched),
	list("search Chinese word", staff, ticketquery.Filter{Q: dbseed.Chinese}, 0).reading(searched),
	list("search Chinese phrase", staff, ticketquery.Filter{Q: "在上海东边"}, 0).reading(searched),
	list("search accented word", staff, ticketquery.Filter{Q: dbseed.Unaccented}, 0).reading(searched),
	list("search rare word and a letter", staff, ticketquery.Filter{Q: "zyzzyva b"}, 0).reading(searched),
	list("search own rare", regular, ticketquery.Filter{Q: "lolole"}, 0).reading(searched),
	list("search own common", regular, ticketquery.Filter{Q: dbseed.Common}, 0).reading(searched),
	list("search own two words", regular, ticketquery.Filter{Q: "bababa kadibe"}, 0).reading(searched),
	list("search own number", regular, ticketquery.Filter{Q: "100"}, 0).reading(searched),

	timeline("ticket own", customer, 1, desk.TimelineRange{}),
	timeline("ticket", staff, 5000, desk.TimelineRange{}),
	timeline("ticket with a long log", staff, longTicket, desk.TimelineRange{}),
	timeline("ticket deep in a long log", staff, longTicket, desk.TimelineRange{Before: 10_000}),
	timeline("ticket after a place", staff, longTicket, desk.TimelineRange{After: 10_000}),
	{name: "dashboard", shown: 1500, do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Dashboard(ctx, staff)
		return err
	}},
	{name: "session", reads: 45, do: func(ctx context.Context, h hotDesk, n int) error {
		token := strings.TrimPrefix(dbseed.Cookie(dbseed.Admin), "frontdesk_session=")
		_, ok, err := h.Accounts.Sessions.Store().FindCtx(ctx, token)
		if !ok {
			return fmt.Errorf("no session: %v", err)
		}
		return err
	}},
	{name: "notifications", shown: desk.PageNotifications, do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Notifications.List(ctx, staff, 0, 0)
		return err
	}},
	{name: "changes of the list", shown: listing.PageSize, do: func(ctx context.Context, h hotDesk, n int) error {
		p, err := h.Lists.Page(ctx, staff, ticketquery.Filter{})
		if err != nil {
			return err
		}
		var shown []int64
		for _, r := range p.Rows {
			shown = append(shown, r.ID)
		}
		h.e.forget()
		_, err = h.Lists.Changes(ctx, staff, ticketquery.Filter{}, p.Rows[10].CreatedAt, shown)
		return err
	}},

	feed("feed of everybody's", staff, ticketquery.Filter{}),
	feed("feed of everybody's further on", staff, ticketquery.Filter{After: strconv.Itoa(planTickets / 2)}),
	feed("feed of one's own", regular, ticketquery.Filter{}).reading(ownAll),
	feed("feed of one's own further on", regular, ticketquery.Filter{After: "300"}).reading(ownAll),
	feed("feed of a status", staff, ticketquery.Filter{Status: "OPEN"}),
	feed("feed of active tickets", staff, ticketquery.Filter{Status: ticketquery.FilterActive}),
	feed("feed of late tickets", staff, ticketquery.Filter{Status: ticketquery.FilterWaiting}).reading(byNumber),
	feed("feed of the queue by wait", staff, ticketquery.Filter{Sort: ticketquery.SortWaiting}),
	feed("feed of unassigned tickets", staff, ticketquery.Filter{Assignee: "none", Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}),
	feed("feed of a team", staff, ticketquery.Filter{Team: "4"}).reading(byNumber),
	feed("feed of a team by update", staff, ticketquery.Filter{Team: "4", Sort: ticketquery.SortUpdated}),
	feed("feed of an assignee", staff, ticketquery.Filter{Assignee: "2001"}).reading(byNumber),
	feed("feed of a requester", staff, ticketquery.Filter{Requester: "3"}).reading(ownAll),
	feed("feed of a priority", staff, ticketquery.Filter{Priority: "Urgent"}).reading(strict),
	feed("feed of a category", staff, ticketquery.Filter{Category: "Billing"}),
	feed("feed of a search", staff, ticketquery.Filter{Q: dbseed.Rare}).reading(searched),

	{name: "updates of 20 tickets", do: func(ctx context.Context, h hotDesk, n int) error {
		var places []desk.Position
		for i := range int64(20) {
			places = append(places, desk.Position{TicketID: 2000 + i, Seq: 1, Upto: 5})
		}
		_, err := h.Log.Updates(ctx, places)
		return err
	}},
	{name: "subscriptions of 100", do: func(ctx context.Context, h hotDesk, n int) error {
		var all []desk.Subscription
		for i := range 100 {
			id := dbseed.Users + 1 + i
			token := strings.TrimPrefix(dbseed.Cookie(id), "frontdesk_session=")
			all = append(all, desk.Subscription{Actor: account.Actor{ID: int64(id), Role: account.RoleAdmin}, Session: account.SessionName(token), TicketID: int64(3000 + i)})
		}
		_, err := h.Log.CheckSubscriptions(ctx, all)
		return err
	}},
	{name: "comment", do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Comments.Add(ctx, staff, 4000, desk.CommentInput{Text: "An answer.", SubmissionID: fmt.Sprint("plan-", n, time.Now())})
		return err
	}},
	{name: "chat message", do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Comments.Add(ctx, staff, 4001, desk.MessageInput{Text: "A message.", SubmissionID: fmt.Sprint("plan-", n, time.Now())})
		return err
	}},
	{name: "read", do: func(ctx context.Context, h hotDesk, n int) error {
		_, err := h.Log.See(ctx, staff, longTicket, 19_990+int64(n))
		return err
	}},
}
