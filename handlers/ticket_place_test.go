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
			want := fmt.Sprintf("%d of 4", i+1)
			if position != want {
				t.Errorf("%s, ticket %d: the position is %q, want %q", c.path, id, position, want)
			}
			if previous != wantPrevious {
				t.Errorf("%s, ticket %d: the previous one is %q, want %q", c.path, id, previous, wantPrevious)
			}
			if next != wantNext {
				t.Errorf("%s, ticket %d: the next one is %q, want %q", c.path, id, next, wantNext)
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
	if position != "no longer here, 2 others" {
		t.Errorf(`the position is %q, want "no longer here, 2 others"`, position)
	}
	if previous != fmt.Sprint(first.ID) {
		t.Errorf("the previous one is %q, want %q", previous, fmt.Sprint(first.ID))
	}
	if next != fmt.Sprint(third.ID) {
		t.Errorf("the next one is %q, want %q", next, fmt.Sprint(third.ID))
	}
}

func TestATicketWithoutAValidPlaceIsShown(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("One", desk.PriorityLow)
	at := fmt.Sprintf("/tickets/%d", ticket.ID)
	plain := priya.get(at).wants(t, http.StatusOK)
	plain.wantsText(t, ".ticket-nav .crumb", "Queue").lacksElements(t, ".ticket-nav .num")
	for _, query := range []string{"?at=nonsense", "?status=OPEN", "?status=OPEN&at=AQAABmE2CXmHKwAAAAAAAAAB", "?at=%00&q=%ff"} {
		if got := priya.get(at+query).wants(t, http.StatusOK); got.has(".ticket-nav .num") {
			t.Errorf("%s: the page has the place %q", query, got.text(".ticket-nav"))
		}
	}
	got := ana.get(at+"?status=OPEN&at=x").wants(t, http.StatusOK)
	got.lacksElements(t, ".ticket-nav")
	if value := got.doc.Find("#reply form").AttrOr("action", ""); strings.Contains(value, "at=") {
		t.Errorf(`a customer's page keeps the view of staff: action of #reply form is %q, want it without "at="`, value)
	}
}

// replyTo posts the form of a reply that a page of a ticket has, with further fields.
func (c *client) replyTo(p page, text string, more url.Values) page {
	c.app.t.Helper()
	form := p.doc.Find("#reply form")
	fields := url.Values{"text": {text}}
	for _, name := range []string{"submission_id", "seen", "may_start"} {
		if value, ok := form.Find("[name=" + name + "]").Attr("value"); ok {
			fields.Set(name, value)
		}
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
	next.wantsText(t, ".ticket-no", fmt.Sprintf("#%d", two.ID)).wantsText(t, ".ticket-nav .num", "1 of 1")
	got := next.text("#flash p")
	if !strings.Contains(got, fmt.Sprintf("ticket #%d is resolved", one.ID)) {
		t.Errorf("got %q, want it with %q", got, fmt.Sprintf("ticket #%d is resolved", one.ID))
	}
	if got := next.doc.Find("#flash a").AttrOr("href", ""); got != fmt.Sprintf("/tickets/%d", one.ID) {
		t.Errorf("href of #flash a is %q, want %q", got, fmt.Sprintf("/tickets/%d", one.ID))
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
	if got := form.AttrOr("action", ""); !strings.HasPrefix(got, form.AttrOr("hx-post", "?")) {
		t.Errorf("action is %q, want the prefix %q", got, form.AttrOr("hx-post", "?"))
	}
	if got := form.AttrOr("action", ""); !strings.Contains(got, "at=") {
		t.Errorf(`action is %q, want it with "at="`, got)
	}
	got := priya.post(form.AttrOr("action", ""), url.Values{"text": {"Yes."}, "then": {"next"}}, htmx...)
	to := got.Header.Get("HX-Redirect")
	got.wants(t, http.StatusNoContent)
	if !strings.HasPrefix(to, fmt.Sprintf("/tickets/%d?at=", two.ID)) {
		t.Errorf("got %q, want the prefix %q", to, fmt.Sprintf("/tickets/%d?at=", two.ID))
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
	refused.wantsElements(t, "#reply [name=start]").lacksElements(t, "#reply [name=start][checked]")
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
	begun.lacksElements(t, "#reply [name=start]")
	if got := begun.text("#reply-buttons .hint"); !strings.Contains(got, "Stays In progress") {
		t.Errorf(`the text of #reply-buttons .hint is %q, want it with "Stays In progress"`, got)
	}
	if got := ana.post(at+"/comments", url.Values{"text": {"Mine"}, "start": {"1"}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("a customer who sets the status with a comment gets %d, want 403", got.StatusCode)
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
