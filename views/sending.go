package views

import (
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// sendingWay is a button that sends a reply and does something else as well.
type sendingWay struct {
	then, icon, label string
	opens             string // what it opens next
}

// sendingWays returns the ways to send a reply beside the plain one.
func sendingWays(p *TicketPage, a account.Actor) (ways []sendingWay) {
	resolves := desk.May(a, desk.ToTriage, p.ticket()) && p.ticket().Status.IsActive()
	if resolves {
		ways = append(ways, sendingWay{"resolved", "status-resolved", "Send and resolve", ""})
	}
	if p.View == nil || p.View.At == "" {
		return ways
	}
	opens := "back to " + ui.Isolated(p.View.Name())
	switch {
	case p.View.Gone:
		opens = "back to the queue"
	case p.View.Next() != "":
		opens = "opens " + p.View.following() + " in " + ui.Isolated(p.View.Name())
	}
	if resolves {
		ways = append(ways, sendingWay{"resolved next", "arrow-right", "Send, resolve and next", opens})
	}
	return append(ways, sendingWay{"next", "chevron-right", "Send and next", opens})
}

// mayStart reports whether a reply can set the ticket to in progress.
func mayStart(p *TicketPage, a account.Actor) bool {
	return desk.May(a, desk.ToTriage, p.ticket()) && p.ticket().Status == desk.StatusOpen
}
