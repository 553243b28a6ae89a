package ui

import "frontdesk/internal/account"

// viewEntry is a link of the sidebar. A view is an address with the filter of a list.
type viewEntry struct{ href, icon, name string }

// Addresses of views that pages name: see [Meta].View.
const (
	WaitingView = "/dashboard" // unresolved tickets, the longest wait first
	OverdueView = "/tickets?sort=waiting&status=WAITING"
	AllView     = "/tickets"
	ReportsView = "/reports"
)

var reportsView = viewEntry{ReportsView, "chart", "Reports"}

// builtInViews returns the views that every member of staff has.
func builtInViews(account.Actor) []viewEntry {
	return []viewEntry{
		{WaitingView, "clock", "Waiting longest"},
		{OverdueView, "overdue", "Overdue"},
		{AllView, "inbox", "All tickets"},
	}
}

// hasSidebar reports whether the page shows the views at the left: a page of staff, unless they
// must change their password first.
func (f *Frame) hasSidebar(m Meta) bool {
	return !m.Bare && f.Actor.Can(account.WorkAsStaff) && !f.Actor.MustChangePassword
}
