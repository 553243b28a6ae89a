package ticketquery

import (
	"slices"
	"strconv"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/input"
	"frontdesk/internal/search"
)

// Values of [Filter].Status that are not a status.
const (
	FilterActive  = "ACTIVE"  // open or in progress
	FilterWaiting = "WAITING" // active, and the requester has waited longer than [LongWait]
)

// LongWait is the time after which the dashboard counts a waiting ticket as overdue.
const LongWait = 24 * time.Hour

// Filter selects tickets, their order and a page. One of [predicates] implements each
// field that selects tickets. Pages ignore an invalid value, so that a URL that a user
// edited still shows a list. Programs may set the fields with a query tag, and get
// [*fault.Invalid] for an invalid value.
type Filter struct {
	Q         string `form:"q" query:"q" validate:"max=200,text" doc:"Words, or a ticket’s number."`
	Status    string `form:"status" query:"status" validate:"omitempty,oneof=OPEN IN_PROGRESS RESOLVED CLOSED ACTIVE WAITING" doc:"ACTIVE is OPEN or IN_PROGRESS. WAITING, for staff only, is ACTIVE and the requester has waited for more than a day."`
	Category  string `form:"category" query:"category" validate:"max=60,text"` // a name or an id
	Priority  string `form:"priority" query:"priority" validate:"omitempty,oneof=Low Medium High Urgent"`
	Requester string `form:"requester" query:"requester" validate:"max=20,text" doc:"A user’s id; for staff only."`
	Assignee  string `form:"assignee" query:"assignee" validate:"max=20,text" doc:"A user’s id, me or none; for staff only."`
	Team      string `form:"team" query:"team" validate:"max=20,text" doc:"A team’s id, mine or none; for staff only."`

	// Sort is one of the orders. "" is SortUpdated on pages, and by number for programs.
	Sort string `form:"sort" query:"sort" validate:"omitempty,oneof=updated created oldest urgent waiting" doc:"The order; without it the highest number comes first. The order waiting is for staff, and has active tickets only."`

	After  string `form:"after"`  // the cursor after which the page begins
	Before string `form:"before"` // the cursor before which the page ends

	View      string `form:"view"` // the id of the saved view from which the filter was made, or ""
	ViewName  string // the view's name
	ViewQuery string // the view's query, as lists apply it
}

// clean returns the filter without values that are invalid or not allowed for the actor.
func (f Filter) clean(actor account.Actor) Filter {
	f.Q = search.Clean(f.Q)
	if !isSort(f.Sort) {
		f.Sort = SortUpdated
	}
	if !db.TicketStatus(f.Status).Valid() && f.Status != FilterActive && (f.Status != FilterWaiting || !actor.Can(account.WorkAsStaff)) {
		f.Status = ""
	}
	if f.Sort == SortWaiting && (!actor.Can(account.WorkAsStaff) || f.Status == string(db.TicketStatusRESOLVED) || f.Status == string(db.TicketStatusCLOSED)) {
		f.Sort = SortUpdated
	}
	if f.Sort == SortWaiting && f.Status == "" {
		f.Status = FilterActive
	}
	if !db.TicketPriority(f.Priority).Valid() {
		f.Priority = ""
	}
	f.Requester, f.Assignee, f.Team = positive(f.Requester), known(f.Assignee, AssignedToMe), known(f.Team, MyTeams)
	if !actor.Can(account.WorkAsStaff) {
		f.Requester, f.Assignee, f.Team = "", "", ""
	}
	return f
}

// Values of [Filter].Assignee and Team that are not an id.
const (
	AssignedToMe = "me"   // assigned to the actor
	MyTeams      = "mine" // of the teams in which the actor is a member
	FilterNone   = "none" // without an assignee or team
)

// known returns text if it is a positive number, FilterNone or the word own, else "".
func known(text, own string) string {
	if text == own || text == FilterNone {
		return text
	}
	return positive(text)
}

// positive returns text if it is a positive number, else "".
func positive(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err != nil || n <= 0 {
		return ""
	}
	return text
}

// IsPlain reports whether the filter selects all tickets in the default order.
func (f Filter) IsPlain() bool {
	f = f.WithoutView()
	return f == Filter{Sort: f.Sort, After: f.After, Before: f.Before} && (f.Sort == "" || f.Sort == SortUpdated)
}

// FindCategory finds a category by its exact name, its id, or the key of its name, in this
// order, and reports whether there is one. A duplicate is found only by its exact name (see
// migration 00009).
func FindCategory(all []db.Category, named string) (db.Category, bool) {
	key := input.NameKey(named)
	for _, matches := range []func(db.Category) bool{
		func(c db.Category) bool { return c.Name == named },
		func(c db.Category) bool { return strconv.FormatInt(c.ID, 10) == named },
		func(c db.Category) bool { return !c.NameTwin && input.NameKey(c.Name) == key },
	} {
		if i := slices.IndexFunc(all, matches); i >= 0 {
			return all[i], true
		}
	}
	return db.Category{}, false
}
