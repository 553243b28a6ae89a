package web

import (
	"context"
	"strconv"

	"frontdesk/internal/account"
	"frontdesk/internal/savedview"
	"frontdesk/views/ui"
)

// viewList returns the views at the left of the pages of staff. After an error it returns the
// built-in ones without numbers.
func (s *Env) viewList(ctx context.Context, actor account.Actor) ui.ViewList {
	if !actor.Can(account.WorkAsStaff) || actor.MustChangePassword {
		return ui.ViewList{}
	}
	bar, err := s.Desk.Views.Sidebar(ctx, actor)
	if err != nil {
		if ctx.Err() == nil {
			s.Log.WarnContext(ctx, "views not counted", "error", err)
		}
		return ui.ViewList{BuiltIn: viewLinks(uncountedViews(), builtInView)}
	}
	return ui.ViewList{BuiltIn: viewLinks(bar.BuiltIn, builtInView), Teams: viewLinks(bar.Teams, teamView), Pinned: viewLinks(bar.Pinned, savedView), Led: bar.Led}
}

// uncountedViews returns the built-in views without numbers.
func uncountedViews() []savedview.SidebarView {
	views := savedview.BuiltInViews()
	for i := range views {
		views[i].Count.None = true
	}
	return views
}

// viewLinks returns the links of views. of returns the icon and the address of one.
func viewLinks(views []savedview.SidebarView, of func(savedview.SidebarView) (icon, address string)) []ui.ViewLink {
	links := make([]ui.ViewLink, len(views))
	for i, v := range views {
		icon, address := of(v)
		links[i] = ui.ViewLink{Href: address, Icon: icon, Name: v.Name, Count: v.Count.String(), HasTickets: !v.Count.None && !v.Count.TimedOut && v.Count.N > 0, Private: v.Private}
	}
	return links
}

// viewIcons has the icons of the built-in views.
var viewIcons = map[string]string{savedview.ViewMine: "user", savedview.ViewUnassigned: "user-plus", savedview.ViewWaiting: "clock", savedview.ViewOverdue: "overdue", savedview.ViewAll: "inbox"}

func builtInView(v savedview.SidebarView) (icon, address string) {
	address = "/tickets?" + v.Query
	switch v.Name {
	case savedview.ViewWaiting:
		address = ui.WaitingView
	case savedview.ViewAll:
		address = ui.AllView
	}
	return viewIcons[v.Name], address
}

func teamView(v savedview.SidebarView) (icon, address string) {
	if v.Private {
		return "lock", "/tickets?" + v.Query
	}
	return "users", "/tickets?" + v.Query
}

func savedView(v savedview.SidebarView) (icon, address string) {
	return "star", "/tickets?view=" + strconv.FormatInt(v.ID, 10)
}
