package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/desk"
)

func TestATicketKeepsItsPlaceInASavedView(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	one, two := ana.open("One", desk.PriorityUrgent), ana.open("Two", desk.PriorityUrgent)
	ana.open("Three", desk.PriorityLow)
	priya.post("/views", url.Values{"name": {"Urgent now"}, "query": {"priority=Urgent&sort=oldest"}, "scope": {"own"}, "for": {"me"}}).wants(t, http.StatusSeeOther)
	list := priya.get("/tickets?view=1").wants(t, http.StatusOK, "Urgent now")
	at := row(list, one.ID)
	if !strings.Contains(at, "view=1") {
		t.Errorf(`got %q, want it with "view=1"`, at)
	}
	if strings.Contains(at, "priority") {
		t.Errorf(`got %q, want it without "priority"`, at)
	}
	got := priya.get(at).wants(t, http.StatusOK)
	position, _, next := placed(got)
	if position != "1 of 2" {
		t.Errorf(`the position is %q, want "1 of 2"`, position)
	}
	if next != fmt.Sprint(two.ID) {
		t.Errorf("the next one is %q, want %q", next, fmt.Sprint(two.ID))
	}
	for _, selector := range []string{".ticket-nav .crumb", ".views summary small"} {
		if text := got.text(selector); text != "Urgent now" {
			t.Errorf("the text of %s is %q, want the name of the view", selector, text)
		}
	}
	if back := got.doc.Find(".ticket-nav .crumb").AttrOr("href", ""); back != "/tickets?view=1#row-1" {
		t.Errorf("the crumb leads to %s", back)
	}
}

func TestATicketOfAViewThatWasDeletedLeadsBackToTheQueue(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	one := ana.open("One", desk.PriorityUrgent)
	ana.open("Two", desk.PriorityUrgent)
	at := row(priya.get("/tickets?view="+priya.savesView("Urgent now", "priority=Urgent&sort=oldest")), one.ID)
	priya.post("/views/1/delete", nil).wants(t, http.StatusSeeOther)
	page := priya.get(at).wants(t, http.StatusOK)
	got := page.text("#view-gone")
	if !strings.Contains(got, "You no longer have the view in which you opened this ticket") {
		t.Errorf(`got %q, want it with "You no longer have the view in which you opened this ticket"`, got)
	}
	if got := page.doc.Find("#view-gone a").AttrOr("href", ""); got != "/dashboard" {
		t.Errorf(`href of #view-gone a is %q, want "/dashboard"`, got)
	}
	if got := page.text(".ticket-nav"); got != "Queue" {
		t.Errorf("the place is %q, want only the way to the queue", got)
	}
	if got := page.text(".split-btn .menu-panel"); strings.Count(got, "back to the queue") != 2 {
		t.Errorf("the menu has %q", got)
	}
	refused := priya.replyTo(page, "", url.Values{"then": {"next"}}).wants(t, http.StatusUnprocessableEntity)
	sent := priya.replyTo(refused, "Done.", url.Values{"then": {"resolved next"}}).leadsTo(t, "/dashboard")
	want := fmt.Sprintf("Your reply is sent, and ticket #%d is resolved. You no longer have the view in which you opened it.", one.ID)
	if got := priya.follow(sent).text("#flash p"); !strings.HasPrefix(got, want) {
		t.Errorf("the flash is %q, want %q", got, want)
	}
}

func TestATicketOfAViewThatIsNoLongerSharedLeadsBackToTheQueue(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.agent("Tom")
	one, two := ana.open("One", desk.PriorityUrgent), ana.open("Two", desk.PriorityUrgent)
	priya.post("/views", url.Values{"name": {"Urgent now"}, "query": {"priority=Urgent&sort=oldest"}, "share": {"everybody"}}).wants(t, http.StatusSeeOther)
	page := tom.get(row(tom.get("/tickets?view=1"), one.ID))
	if _, _, next := placed(page); next != fmt.Sprint(two.ID) {
		t.Fatalf("the next ticket is %q, want %d", next, two.ID)
	}
	app.exec("update views set owner_id = $1", priya.id)
	list := tom.follow(tom.replyTo(page, "Done.", url.Values{"then": {"next"}}).leadsTo(t, "/dashboard"))
	if got := list.text("#flash p"); !strings.Contains(got, "You no longer have the view in which you opened it.") {
		t.Errorf("the flash is %q", got)
	}
}
