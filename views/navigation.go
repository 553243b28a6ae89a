package views

import (
	"net/url"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
)

type navEntry struct{ nav, href, label string }

// navigation is the bar's entries for somebody signed in.
func navigation(a account.Actor) []navEntry {
	if a.Can(account.SeeAllTickets) {
		return []navEntry{{"dashboard", "/dashboard", "Dashboard"}, {"tickets", "/tickets", "Tickets"}, {"users", "/admin/users", "Users"}, {"categories", "/admin/categories", "Categories"}}
	}
	return []navEntry{{"tickets", "/tickets", "My tickets"}, {"new", "/tickets/new", "New ticket"}}
}

// currentIf marks a link as that of the page one is on.
func currentIf(current bool) templ.Attributes {
	if !current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// address is a page with a query of those fields that are not empty.
func address(path string, fields map[string]string) string {
	q := url.Values{}
	for name, value := range fields {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Home is where somebody begins.
func Home(a account.Actor) string {
	switch {
	case a.ID == 0:
		return "/"
	case a.Can(account.SeeAllTickets):
		return "/dashboard"
	}
	return "/tickets"
}
