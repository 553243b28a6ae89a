package ui

import (
	"frontdesk/internal/account"
	"frontdesk/internal/savedview"
)

// ViewList is the views at the left of the pages of staff.
type ViewList struct {
	BuiltIn, Teams, Pinned []ViewLink
	Led                    []int64 // the ids of the teams that the user leads
}

// ViewLink is a link of the list of views. A view is an address with the filter of a list.
type ViewLink struct {
	Href, Icon, Name string
	Count            string // the number of its tickets, such as "500+"; "–" if they were not counted in time, or ""
	HasTickets       bool   // whether tickets were counted
	Private          bool   // of a private team
}

// Addresses of views that pages name: see [Meta].View.
const (
	WaitingView = "/dashboard" // unresolved tickets, the longest wait first
	OverdueView = "/tickets?" + savedview.OverdueQuery
	AllView     = "/tickets"
	ReportsView = "/reports"
	SavedViews  = "/views"
)

var (
	reportsView = ViewLink{Href: ReportsView, Icon: "chart", Name: "Reports"}
	savedViews  = ViewLink{Href: SavedViews, Icon: "settings", Name: "Edit views"}
)

// tone returns the tone of a link: red if tickets are overdue.
func (v ViewLink) tone() string {
	if v.Href == OverdueView && v.HasTickets {
		return "over"
	}
	return ""
}

// hasSidebar reports whether the page shows the views at the left: a page of staff, unless they
// must change their password first.
func (f *Frame) hasSidebar(m Meta) bool {
	return !m.Bare && f.Actor.Can(account.WorkAsStaff) && !f.Actor.MustChangePassword
}
