package ui

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
)

// Nav is an entry of the navigation. The entry of the open page is marked.
type Nav string

// Entries of the navigation. The page of the account has no entry.
const (
	NavTickets       Nav = "tickets"
	NavNew           Nav = "new"
	NavUsers         Nav = "users"
	NavTeams         Nav = "teams"
	NavCategories    Nav = "categories"
	NavAccount       Nav = "account"
	NavNotifications Nav = "notifications"
	NavLogin         Nav = "login"
	NavRegister      Nav = "register"
)

type navEntry struct {
	nav         Nav
	href, label string
}

// navigation returns the entries of the navigation for the user of a page. Leads who do not manage all teams
// have one for theirs.
func navigation(f *Frame) []navEntry {
	a := f.Actor
	if a.Can(account.WorkAsStaff) {
		all := []navEntry{{NavTickets, WaitingView, "Queue"}}
		if a.Can(account.ManageAccounts) {
			all = append(all, navEntry{NavUsers, "/admin/users", "Users"})
		}
		switch {
		case a.Can(account.ManageTeams) || len(f.Views.Led) > 1:
			all = append(all, navEntry{NavTeams, "/admin/teams", "Teams"})
		case len(f.Views.Led) == 1:
			all = append(all, navEntry{NavTeams, "/admin/teams/" + strconv.FormatInt(f.Views.Led[0], 10), "Your team"})
		}
		if a.Can(account.ManageCategories) {
			all = append(all, navEntry{NavCategories, "/admin/categories", "Categories"})
		}
		return all
	}
	return []navEntry{{NavTickets, "/tickets", "My tickets"}, {NavNew, "/tickets/new", "New ticket"}}
}

// CurrentIf returns the attribute that marks the link to the current page.
func CurrentIf(current bool) templ.Attributes {
	if !current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// Address returns a path with a query of the fields that are not empty.
func Address(path string, fields map[string]string) string {
	q := url.Values{}
	for name, value := range fields {
		if value != "" {
			q.Set(name, value)
		}
	}
	return WithQuery(path, q)
}

// WithQuery returns a path with a query.
func WithQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Home returns the path of the user's first page.
func Home(a account.Actor) string {
	switch {
	case a.ID == 0:
		return "/"
	case a.Can(account.WorkAsStaff):
		return WaitingView
	}
	return "/tickets"
}

// ProofField is the parameter of [Frame].Proof.
const ProofField = "proof"

// Action returns the address of a form, with the page's proof if the browser needs it.
func Action(ctx context.Context, address string) templ.SafeURL {
	proof := FrameOf(ctx).Proof
	switch {
	case proof == "":
		return templ.SafeURL(address)
	case strings.Contains(address, "?"):
		return templ.SafeURL(address + "&" + ProofField + "=" + proof)
	}
	return templ.SafeURL(address + "?" + ProofField + "=" + proof)
}
