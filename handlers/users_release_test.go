package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestAnAdminSeesHowManyTicketsLoseTheirAssigneeWithAnAccount(t *testing.T) {
	for below, form := range map[string]url.Values{"/disabled": {"disabled": {"true"}}, "/role": {"role": {"customer"}}} {
		t.Run(below, func(t *testing.T) {
			app := newApp(t)
			priya, tom, ana := app.admin("Priya"), app.admin("Tom"), app.customer("Ana")
			page := fmt.Sprintf("/admin/users/%d", tom.id)
			if priya.get(page + below).has("#released") {
				t.Error("the page speaks of tickets of a user who has none")
			}
			for _, subject := range []string{"A lamp", "A bell"} {
				tom.post(web.TicketURL(app.opensTicket(ana, subject))+"/assignment", url.Values{"assignee": {"me"}})
			}
			if text := priya.get(page + below).text("#released"); !strings.Contains(text, "2 active tickets of theirs will be unassigned.") {
				t.Errorf("the page says %q", text)
			}
			back := priya.follow(priya.post(page+below, form))
			if text := back.text("#flash"); !strings.HasSuffix(text, " Now unassigned: 2 active tickets.") {
				t.Errorf("the message is %q", text)
			}
		})
	}
}
