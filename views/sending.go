package views

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// sendingWay is a button that sends a reply and does something else as well.
type sendingWay struct {
	then, icon, label string
	opens             string // what it opens next
}

// attributes returns the attributes with which the button of the way names it; the plain way has none.
func (w sendingWay) attributes() templ.Attributes {
	if w.then == "" {
		return nil
	}
	return templ.Attributes{"name": "then", "value": w.then}
}

// sendingWays returns the way of the main button to send a reply, and the others. The main one is the plain one or, after
// a reply was stopped because of unseen entries, the one that was chosen.
func sendingWays(p *TicketPage, a account.Actor) (send sendingWay, others []sendingWay) {
	ways := append([]sendingWay{{"", "reply", sendLabel(p.Comment, a, p.ticket()), ""}}, waysBesidePlain(p, a)...)
	place := func(then string) int {
		return slices.IndexFunc(ways, func(w sendingWay) bool { return w.then == then })
	}
	at := 0
	if chosen := p.Comment.Then; p.Comment.Unseen != nil {
		if at = place(chosen); at < 0 && strings.HasSuffix(chosen, "next") { // the ticket is resolved already
			at = place("next")
		}
		at = max(0, at)
	}
	send = ways[at]
	if at > 0 {
		send.label += " all the same"
		ways[0].label = "Only send"
	}
	return send, slices.Delete(ways, at, at+1)
}

// waysBesidePlain returns the ways to send a reply beside the plain one.
func waysBesidePlain(p *TicketPage, a account.Actor) (ways []sendingWay) {
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
