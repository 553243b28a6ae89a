package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// placed returns the position, the previous and the next ticket that a page of a ticket shows.
func placed(p page) (position, previous, next string) {
	id := func(rel string) string {
		path, _, _ := strings.Cut(p.doc.Find(".ticket-nav a[rel="+rel+"]").AttrOr("href", ""), "?")
		return strings.TrimPrefix(path, "/tickets/")
	}
	return p.text(".ticket-nav .num"), id("prev"), id("next")
}

// row returns the address of a ticket in a page of the queue.
func row(p page, id int64) string {
	return p.doc.Find(fmt.Sprintf("#row-%d .subject-line > a", id)).AttrOr("href", "")
}

func TestATicketKeepsItsPlaceInTheView(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	var ids []int64
	for _, subject := range []string{"One", "Two", "Three", "Four"} {
		ids = append(ids, ana.open(subject, desk.PriorityLow).ID)
	}
	view := "/tickets?status=OPEN&sort=oldest&q=as+the+subject"
	for _, c := range []struct{ path, name string }{{"/dashboard", "Waiting longest"}, {"/tickets?status=OPEN&sort=oldest", "Open tickets"}, {view, "Open tickets"},
		{"/tickets?category=Billing&priority=Low&sort=oldest", "All tickets"}, {fmt.Sprintf("/tickets?requester=%d&sort=oldest", ana.self().ID), "Tickets of Ana"}} {
		at := row(priya.get(c.path), ids[0])
		for i, id := range ids {
			got := priya.get(at).wants(t, http.StatusOK)
			position, previous, next := placed(got)
			wantPrevious, wantNext := "", ""
			if i > 0 {
				wantPrevious = fmt.Sprint(ids[i-1])
			}
			if i < 3 {
				wantNext = fmt.Sprint(ids[i+1])
			}
			if want := fmt.Sprintf("%d of 4", i+1); position != want || previous != wantPrevious || next != wantNext {
				t.Errorf("%s, ticket %d: got %q, previous %s, next %s, want %q, %s and %s", c.path, id, position, previous, next, want, wantPrevious, wantNext)
			}
			if got.text("h1") == "" {
				t.Errorf("%s, ticket %d: the page has no heading", c.path, id)
			}
			if name := got.text(".ticket-nav .crumb"); name != c.name {
				t.Errorf("%s: the crumb is %q, want %q", c.path, name, c.name)
			}
			at = got.doc.Find(".ticket-nav a[rel=next]").AttrOr("href", "")
		}
	}
	back := priya.get(row(priya.get(view), ids[1])).doc.Find(".ticket-nav .crumb").AttrOr("href", "")
	if want := "/tickets?q=as+the+subject&sort=oldest&status=OPEN#row-2"; back != want {
		t.Errorf("the crumb leads to %s, want %s", back, want)
	}
}

func TestNextIsTheSameAfterTheTicketLeftTheView(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.admin("Tom")
	first, second, third := ana.open("One", desk.PriorityLow), ana.open("Two", desk.PriorityLow), ana.open("Three", desk.PriorityLow)
	at := row(priya.get("/dashboard"), second.ID)
	tom.post(fmt.Sprintf("/tickets/%d/status", second.ID), url.Values{"status": {"RESOLVED"}})
	position, previous, next := placed(priya.get(at))
	if position != "no longer here, 2 others" || previous != fmt.Sprint(first.ID) || next != fmt.Sprint(third.ID) {
		t.Errorf("got %q, previous %s, next %s", position, previous, next)
	}
}

func TestATicketWithoutAValidPlaceIsShown(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("One", desk.PriorityLow)
	at := fmt.Sprintf("/tickets/%d", ticket.ID)
	plain := priya.get(at).wants(t, http.StatusOK)
	if plain.text(".ticket-nav .crumb") != "Queue" || plain.has(".ticket-nav .num") {
		t.Errorf("without a view the page has %q", plain.text(".ticket-nav"))
	}
	for _, query := range []string{"?at=nonsense", "?status=OPEN", "?status=OPEN&at=AQAABmE2CXmHKwAAAAAAAAAB", "?at=%00&q=%ff"} {
		if got := priya.get(at+query).wants(t, http.StatusOK); got.has(".ticket-nav .num") {
			t.Errorf("%s: the page has the place %q", query, got.text(".ticket-nav"))
		}
	}
	if got := ana.get(at+"?status=OPEN&at=x").wants(t, http.StatusOK); got.has(".ticket-nav") || strings.Contains(got.doc.Find("#reply form").AttrOr("action", ""), "at=") {
		t.Errorf("a customer's page keeps the view of staff: %q", got.text(".ticket-nav"))
	}
}

// replyTo posts the form of a reply that a page of a ticket has, with further fields.
func (c *client) replyTo(p page, text string, more url.Values) page {
	c.app.t.Helper()
	form := p.doc.Find("#reply form")
	fields := url.Values{"text": {text}}
	for _, name := range []string{"submission_id", "seen"} {
		fields.Set(name, form.Find("[name="+name+"]").AttrOr("value", ""))
	}
	for name, values := range more {
		fields[name] = values
	}
	return c.post(form.AttrOr("action", ""), fields)
}

func TestAReplyOpensTheNextTicketOfTheView(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	one, two := ana.open("One", desk.PriorityLow), ana.open("Two", desk.PriorityLow)
	at := row(priya.get("/dashboard"), one.ID)
	page := priya.get(at)
	if got := strings.Join(strings.Fields(page.text(".split-btn .menu-panel")), " "); got != "Send and resolve Send, resolve and next opens 2 of 2 in Waiting longestSend and next opens 2 of 2 in Waiting longest" {
		t.Errorf("the menu has %q", got)
	}
	next := priya.follow(priya.replyTo(page, "Done.", url.Values{"then": {"resolved next"}, "start": {"1"}}))
	if next.text(".ticket-no") != fmt.Sprintf("#%d", two.ID) || next.text(".ticket-nav .num") != "1 of 1" {
		t.Errorf("the next page is %s, %q", next.text(".ticket-no"), next.text(".ticket-nav"))
	}
	if got := next.text("#flash p"); !strings.Contains(got, fmt.Sprintf("ticket #%d is resolved", one.ID)) || next.doc.Find("#flash a").AttrOr("href", "") != fmt.Sprintf("/tickets/%d", one.ID) {
		t.Errorf("the flash is %q", got)
	}
	last := priya.replyTo(next, "Yes.", url.Values{"then": {"next"}}).leadsTo(t, "/dashboard")
	list := priya.follow(last)
	if got := list.text("#flash p"); !strings.Contains(got, fmt.Sprintf("Your reply to ticket #%d is sent. It was the last ticket of", two.ID)) {
		t.Errorf("after the last ticket the flash is %q", got)
	}
	if got := list.text(fmt.Sprintf("#row-%d .status", two.ID)); got != "Open" {
		t.Errorf("a reply without the box set the status %q", got)
	}
}

func TestHtmxLeavesThePageForTheNextTicket(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	one, two := ana.open("One", desk.PriorityLow), ana.open("Two", desk.PriorityLow)
	page := priya.get(row(priya.get("/dashboard"), one.ID))
	form := page.doc.Find("#reply form")
	if !strings.HasPrefix(form.AttrOr("action", ""), form.AttrOr("hx-post", "?")) || !strings.Contains(form.AttrOr("action", ""), "at=") {
		t.Errorf("the form posts to %q and %q", form.AttrOr("hx-post", ""), form.AttrOr("action", ""))
	}
	got := priya.post(form.AttrOr("action", ""), url.Values{"text": {"Yes."}, "then": {"next"}}, htmx...)
	if to := got.Header.Get("HX-Redirect"); got.StatusCode != http.StatusNoContent || !strings.HasPrefix(to, fmt.Sprintf("/tickets/%d?at=", two.ID)) {
		t.Errorf("got %d to %q", got.StatusCode, to)
	}
}

func TestAReplyToAnOpenTicketOffersInProgress(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	at := fmt.Sprintf("/tickets/%d", ana.open("One", desk.PriorityLow).ID)
	page := priya.get(at)
	if !page.has("#reply [name=start][type=checkbox][checked]") {
		t.Error("the reply to an open ticket has no checked box")
	}
	refused := priya.replyTo(page, "", nil).wants(t, http.StatusUnprocessableEntity)
	if !refused.has("#reply [name=start]") || refused.has("#reply [name=start][checked]") {
		t.Error("a refused form does not keep the box as it was")
	}
	stays := priya.follow(priya.replyTo(page, "A question first.", nil))
	if got := stays.text(".ticket-head .badge"); got != "Open" {
		t.Errorf("without the box the ticket is %q, want Open", got)
	}
	begun := priya.follow(priya.replyTo(stays, "We work on it.", url.Values{"start": {"1"}}))
	if got := begun.text(".ticket-head .badge"); got != "In progress" {
		t.Errorf("with the box the ticket is %q, want In progress", got)
	}
	if got := begun.text("#flash p"); got != "Your reply is sent, and ticket #1 is in progress." {
		t.Errorf("the flash is %q", got)
	}
	if begun.has("#reply [name=start]") || !strings.Contains(begun.text("#reply-buttons .hint"), "Stays In progress") {
		t.Errorf("the reply to a ticket in progress has %q", begun.text("#reply-buttons"))
	}
	if got := ana.post(at+"/comments", url.Values{"text": {"Mine"}, "start": {"1"}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("a customer who sets the status with a comment gets %d, want 403", got.StatusCode)
	}
}

func TestATicketKeepsItsPlaceInASavedView(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	one, two := ana.open("One", desk.PriorityUrgent), ana.open("Two", desk.PriorityUrgent)
	ana.open("Three", desk.PriorityLow)
	priya.post("/views", url.Values{"name": {"Urgent now"}, "query": {"priority=Urgent&sort=oldest"}, "scope": {"own"}, "for": {"me"}}).wants(t, http.StatusSeeOther)
	list := priya.get("/tickets?view=1").wants(t, http.StatusOK, "Urgent now")
	at := row(list, one.ID)
	if !strings.Contains(at, "view=1") || strings.Contains(at, "priority") {
		t.Errorf("the row links to %s", at)
	}
	got := priya.get(at).wants(t, http.StatusOK)
	if position, _, next := placed(got); position != "1 of 2" || next != fmt.Sprint(two.ID) {
		t.Errorf("got %q, then %s, want \"1 of 2\", then %d", position, next, two.ID)
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
	if got := page.text("#view-gone"); !strings.Contains(got, "You no longer have the view in which you opened this ticket") || page.doc.Find("#view-gone a").AttrOr("href", "") != "/dashboard" {
		t.Errorf("the notice is %q", got)
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

func TestACustomerIsNotSentOnToTheQueueOfStaff(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ticket := web.TicketURL(app.opensTicket(ana, "A lamp"))
	ana.post(ticket+"/comments", url.Values{"text": {"Thank you."}, "then": {"next"}}).leadsTo(t, ticket+"#s2")
}

func TestSendAndNextSkipsTicketsThatColleaguesHaveOpen(t *testing.T) {
	app := newApp(t)
	ana, tom, lucia := app.customer("Ana"), app.agent("Tom"), app.agent("Lucía")
	for _, subject := range []string{"One", "Two", "Three"} {
		ana.open(subject, desk.PriorityLow)
	}
	at := row(tom.get("/dashboard"), 1)
	lucia.socket("/tickets/2/chat")
	eventually(t, "Lucía on the second ticket", func() bool { return strings.Contains(tom.get("/dashboard").text("#row-2"), "Lucía") })
	path, query, _ := strings.Cut(at, "?")
	sent := tom.post(path+"/comments?"+query, url.Values{"text": {"Done."}, "then": {"resolved next"}, "submission_id": {"a-key-of-the-test"}})
	got := tom.follow(sent)
	if number := got.text(".ticket-head .ticket-no"); number != "#3" {
		t.Errorf("the next ticket is %s, want #3", number)
	}
	if words := got.text("#flash"); !strings.Contains(words, "Skipped, because colleagues have them open: #2.") {
		t.Errorf("the page says %q", words)
	}
	eventually(t, "Tom on the third ticket", func() bool { return strings.Contains(lucia.get("/dashboard").text("#row-3"), "Tom") })
}

func TestATicketThatAColleagueReadsWithoutScriptIsSkippedUntilTheyLeave(t *testing.T) {
	app := newApp(t)
	ana, tom, lucia := app.customer("Ana"), app.agent("Tom"), app.agent("Lucía")
	for _, subject := range []string{"One", "Two", "Three"} {
		ana.open(subject, desk.PriorityLow)
	}
	reads := func(id int64) bool {
		return strings.Contains(tom.get("/dashboard").text(fmt.Sprint("#row-", id)), "Lucía")
	}
	lucia.get("/tickets/1").wants(t, http.StatusOK)
	eventually(t, "Lucía on the first ticket", func() bool { return reads(1) })
	lucia.get("/tickets/2").wants(t, http.StatusOK)
	eventually(t, "Lucía on the second ticket only", func() bool { return reads(2) && !reads(1) })
	path, query, _ := strings.Cut(row(tom.get("/dashboard"), 1), "?")
	sent := tom.post(path+"/comments?"+query, url.Values{"text": {"Done."}, "then": {"resolved next"}, "submission_id": {"a-key-of-the-test"}})
	if number := tom.follow(sent).text(".ticket-head .ticket-no"); number != "#3" {
		t.Errorf("the next ticket is %s, want #3", number)
	}
	lucia.socket("/tickets/2/chat").conn.Close()
	eventually(t, "Lucía gone with her socket", func() bool { return !reads(2) })
}
