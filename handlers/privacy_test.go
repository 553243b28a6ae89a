package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/desk"
)

// ticketWithFile opens a ticket full of its owner's name, with one file.
func (a *app) ticketWithFile(owner *client) (id int64, file string) {
	a.t.Helper()
	actor, key := owner.actor(desk.RoleCustomer), newSubmissionID()
	staged, err := a.desk.Stage(a.t.Context(), actor, key, owner.name+".txt", strings.NewReader("The file of "+owner.name))
	if err != nil {
		a.t.Fatal(err)
	}
	ticket, err := a.desk.OpenTicket(a.t.Context(), actor, desk.TicketInput{Subject: "The ticket of " + owner.name, Description: "About " + owner.name,
		Category: "Billing", Priority: "Low", SubmissionID: key})
	if err != nil {
		a.t.Fatal(err)
	}
	return ticket.ID, staged.Name
}

// snapshot is a hash of each table, of what a refused request may not move.
type snapshot map[string]string

// everything hashes every table. A session's and a person's time of being seen
// are not data, nor is a form kept for somebody whose session had ended.
func (a *app) everything(t *testing.T) snapshot {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'kept_forms'")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	out := snapshot{}
	for _, name := range names {
		var hash string
		err := a.pool.QueryRow(t.Context(), "select md5(coalesce(string_agg(j::text, '|' order by j::text), '')) from (select to_jsonb(t) - 'seen_at' - 'expires_at' as j from "+name+" t) all_rows").Scan(&hash)
		if err != nil {
			t.Fatal(name, err)
		}
		out[name] = hash
	}
	return out
}

// differs names the tables that are no more as they were.
func (s snapshot) differs(after snapshot) string {
	var out []string
	for name, hash := range after {
		// A visitor who is sent to the sign-in page may get a session for the word about it.
		if s[name] != hash && name != "sessions" {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

func TestChildrenOfSomebodyElseAreOutOfReachThroughOnesOwn(t *testing.T) {
	app := newApp(t)
	ana, other := app.customer("Ana"), app.customer(secret)
	mine, _ := app.ticketWithFile(ana)
	theirs, theirFile := app.ticketWithFile(other)
	key := newSubmissionID()
	if _, err := app.desk.Stage(t.Context(), other.actor(desk.RoleCustomer), key, secret+".txt", strings.NewReader("staged")); err != nil {
		t.Fatal(err)
	}
	before := app.everything(t)
	if got := ana.post("/uploads/"+theirFile+"/delete", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("their file's removal: %d", got.StatusCode)
	}
	if what := before.differs(app.everything(t)); what != "" {
		t.Errorf("changed %s", what)
	}
	changed := url.Values{"subject": {"Mine"}, "description": {"Mine"}, "category": {"Billing"}, "priority": {"Low"}, "version": {"1"},
		"remove": {theirFile}, "submission_id": {key}, "requester_id": {fmt.Sprint(other.id)}, "status": {"CLOSED"}, "user_id": {fmt.Sprint(other.id)}}
	ana.post(fmt.Sprintf("/tickets/%d", mine), changed)
	ana.post(fmt.Sprintf("/tickets/%d/comments", mine), url.Values{"text": {"With their file?"}, "submission_id": {key}, "ticket_id": {fmt.Sprint(theirs)}, "then": {"resolved"}})
	for _, path := range []string{"/tickets/%d", "/tickets/%d/events?after=0", "/tickets/%d/edit", "/tickets/%d/delete"} {
		if got := ana.get(fmt.Sprintf(path, mine)); got.StatusCode != http.StatusOK || strings.Contains(got.body, secret) {
			t.Errorf("%s: %d, shows theirs: %v", path, got.StatusCode, strings.Contains(got.body, secret))
		}
	}
	if got := other.get("/uploads/" + theirFile); got.StatusCode != http.StatusOK {
		t.Errorf("their file is gone: %d", got.StatusCode)
	}
	own, err := app.desk.Ticket(t.Context(), ana.actor(desk.RoleCustomer), mine)
	if err != nil || own.RequesterID != ana.id || own.Status != desk.StatusOpen || own.FileCount != 1 {
		t.Errorf("my ticket is %+v, %v", own, err)
	}
}

func TestSearchListsAndCountsKnowNothingOfOthers(t *testing.T) {
	app := newApp(t)
	ana, other := app.customer("Ana"), app.customer(secret)
	app.ticketWithFile(ana)
	theirs, _ := app.ticketWithFile(other)
	if _, err := app.desk.Comment(t.Context(), other.actor(desk.RoleCustomer), theirs, desk.CommentInput{Text: "A numbat, too"}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?q=" + secret, "?q=numbat", fmt.Sprintf("?q=%d", theirs), fmt.Sprintf("?q=%%23%d", theirs),
		fmt.Sprintf("?requester=%d", other.id), "?status=WAITING", "?sort=waiting", "?q=" + secret + "%40example.org", "?category=Billing&priority=Low"} {
		got := ana.get("/tickets" + query)
		shown := got.body
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", query, got.StatusCode)
		}
		if q, _ := url.ParseQuery(strings.TrimPrefix(query, "?")); strings.Contains(q.Get("q"), secret) {
			shown = got.text(".ticket-list") // the page repeats what was asked
		}
		if strings.Contains(shown, secret) || strings.Contains(shown, fmt.Sprintf("/tickets/%d\"", theirs)) {
			t.Errorf("%s shows what is somebody else's", query)
		}
		if n := got.text(".tabs li:first-child small"); n != "1" {
			t.Errorf("%s counts %s", query, n)
		}
	}
}
