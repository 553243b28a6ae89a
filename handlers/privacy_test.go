package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// ticketWithFile opens a ticket with one file. Its texts contain the name of its owner.
func (a *app) ticketWithFile(owner *client) (id int64, file string) {
	a.t.Helper()
	actor, key := owner.self(), web.NewSubmissionID()
	staged, err := a.desk.Files.Stage(a.t.Context(), actor, key, owner.name+".txt", strings.NewReader("The file of "+owner.name))
	if err != nil {
		a.t.Fatal(err)
	}
	ticket, err := a.desk.Tickets.Open(a.t.Context(), actor, desk.TicketInput{Subject: "The ticket of " + owner.name, Description: "About " + owner.name,
		Category: "Billing", Priority: "Low", SubmissionID: key})
	if err != nil {
		a.t.Fatal(err)
	}
	return ticket.ID, staged.Name
}

// stagedBy uploads a file whose form is not sent yet, and returns its name.
func (a *app) stagedBy(owner *client) string {
	a.t.Helper()
	file, err := a.desk.Files.Stage(a.t.Context(), owner.self(), web.NewSubmissionID(), owner.name+".txt", strings.NewReader("A draft of "+owner.name))
	if err != nil {
		a.t.Fatal(err)
	}
	return file.Name
}

func TestPartsOfAnotherTicketCannotBeReachedThroughOnesOwn(t *testing.T) {
	app := newApp(t)
	ana, other := app.customer("Ana"), app.customer(secret)
	mine, _ := app.ticketWithFile(ana)
	theirs, theirFile := app.ticketWithFile(other)
	key := web.NewSubmissionID()
	if _, err := app.desk.Files.Stage(t.Context(), other.actor(account.RoleCustomer), key, secret+".txt", strings.NewReader("staged")); err != nil {
		t.Fatal(err)
	}
	before := app.everything(t)
	if got := ana.post("/uploads/"+theirFile+"/delete", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("removing their file: %d", got.StatusCode)
	}
	if what := before.differs(app.everything(t)); what != "" {
		t.Errorf("changed %s", what)
	}
	changed := url.Values{"subject": {"Mine"}, "description": {"Mine"}, "category": {"Billing"}, "priority": {"Low"}, "version": {"1"},
		"remove": {theirFile}, "submission_id": {key}, "requester_id": {fmt.Sprint(other.id)}, "status": {"CLOSED"}, "user_id": {fmt.Sprint(other.id)}}
	ana.post(fmt.Sprintf("/tickets/%d", mine), changed)
	ana.post(fmt.Sprintf("/tickets/%d/comments", mine), url.Values{"text": {"With their file?"}, "submission_id": {key}, "ticket_id": {fmt.Sprint(theirs)}, "then": {"resolved"}})
	for _, path := range []string{"/tickets/%d", "/tickets/%d/events?after=0", "/tickets/%d/edit", "/tickets/%d/delete"} {
		got := ana.get(fmt.Sprintf(path, mine))
		got.wants(t, http.StatusOK)
		if strings.Contains(got.body, secret) {
			t.Errorf("%s: the body is %s, want it without %q", path, got.body, secret)
		}
	}
	if got := other.get("/uploads/" + theirFile); got.StatusCode != http.StatusOK {
		t.Errorf("their file is gone: %d", got.StatusCode)
	}
	own, err := app.desk.Tickets.Get(t.Context(), ana.actor(account.RoleCustomer), mine)
	want := own
	want.RequesterID, want.Status, want.FileCount = ana.id, desk.StatusOpen, 1
	if diff := cmp.Diff(want, own); err != nil || diff != "" {
		t.Errorf("my ticket: %v, (-want +got):\n%s", err, diff)
	}
}

func TestSearchListsAndCountsExcludeTicketsOfOthers(t *testing.T) {
	app := newApp(t)
	ana, other := app.customer("Ana"), app.customer(secret)
	app.ticketWithFile(ana)
	app.stagedBy(other)
	theirs, _ := app.ticketWithFile(other)
	if _, err := app.desk.Comments.Add(t.Context(), other.actor(account.RoleCustomer), theirs, desk.CommentInput{Text: "A numbat, too"}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?q=" + secret, "?q=numbat", fmt.Sprintf("?q=%d", theirs), fmt.Sprintf("?q=%%23%d", theirs),
		fmt.Sprintf("?requester=%d", other.id), "?status=WAITING", "?sort=waiting", "?q=" + secret + "%40example.org", "?category=Billing&priority=Low"} {
		ana.get("/tickets"+query, htmx...).wants(t, 200).lacks(t, "ticket of "+secret, fmt.Sprintf("/tickets/%d\"", theirs))
		got := ana.get("/tickets" + query)
		shown := got.body
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", query, got.StatusCode)
		}
		if q, _ := url.ParseQuery(strings.TrimPrefix(query, "?")); strings.Contains(q.Get("q"), secret) {
			shown = got.text(".ticket-list") // the page shows the query
		}
		if strings.Contains(shown, secret) {
			t.Errorf("%s: got %q, want it without %q", query, shown, secret)
		}
		if strings.Contains(shown, fmt.Sprintf("/tickets/%d\"", theirs)) {
			t.Errorf("%s: got %q, want it without %q", query, shown, fmt.Sprintf("/tickets/%d\"", theirs))
		}
		if n := got.text(".tabs li:first-child small"); n != "1" {
			t.Errorf("%s counts %s", query, n)
		}
	}
}

func TestADeletedTicketIsHiddenUntilStaffRestoreIt(t *testing.T) {
	app := newApp(t)
	ana, priya, ben := app.customer(secret), app.admin("Priya"), app.customer("Ben")
	id, file := app.ticketWithFile(ana)
	draft := app.stagedBy(ana)
	at := fmt.Sprintf("/tickets/%d", id)
	ana.post(at+"/delete", nil).leadsTo(t, "/tickets")
	for _, c := range []*client{ana, priya, ben} {
		for _, path := range []string{at, at + "/edit", at + "/events", at + "/chat", at + "/delete", "/uploads/" + file} {
			c.get(path).wants(t, 404).lacks(t, "The ticket of", "About")
		}
		for _, path := range []string{"/tickets", "/tickets?q=ticket", fmt.Sprintf("/tickets?q=%d", id), fmt.Sprintf("/tickets?requester=%d", ana.id), "/dashboard"} {
			c.get(path).lacks(t, "The ticket of "+secret, at+`"`, at+`?`)
		}
	}
	if n := priya.get("/reports").text(".stats li:first-child b"); n != "0" {
		t.Errorf("the reports count %s open", n)
	}
	priya.get("/uploads/"+draft).wants(t, 404) // only its owner can read a draft, not even staff
	priya.get("/admin/trash").wants(t, 200, "The ticket of "+secret)
	ben.post(fmt.Sprintf("/admin/trash/%d/restore", id), nil).wants(t, 403)
	ana.post(fmt.Sprintf("/admin/trash/%d/restore", id), nil).wants(t, 403)
	priya.post(fmt.Sprintf("/admin/trash/%d/restore", id), nil).leadsTo(t, at)
	for _, c := range []*client{ana, priya} {
		c.get(at).wants(t, 200, "The ticket of "+secret)
		c.get("/uploads/"+file).wants(t, 200, "The file of "+secret)
	}
	ben.get(at).wants(t, 404)
	ben.get("/uploads/"+file).wants(t, 404)
}
