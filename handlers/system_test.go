package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/doctor"
)

func TestTheSystemIsCheckedOncePerHalfMinuteOrOnRequest(t *testing.T) {
	a := newApp(t)
	runs := 0
	b := a.again(Config{Checks: doctor.NewRecent(func(context.Context) []doctor.Finding {
		runs++
		return []doctor.Finding{{Check: "disk", Level: doctor.Warning, Text: "run " + strconv.Itoa(runs)}}
	}, time.Now)})
	admin := b.admin("Priya")
	admin.get("/admin/system").wants(t, http.StatusOK, "run 1")
	admin.get("/admin/system").wants(t, http.StatusOK, "run 1")
	back := admin.follow(admin.post("/admin/system/checks", nil))
	if got := back.text("#flash"); got != "The desk is checked again." {
		t.Errorf("got the notice %q", got)
	}
	back.wants(t, http.StatusOK, "run 2")
}

func TestAdminsDeliverDeadEventsAgain(t *testing.T) {
	app := newApp(t)
	admin, ana := app.admin("Priya"), app.customer("Ana")
	ticket := ana.opens("Lost").ID
	app.exec("insert into outbox_consumers (name, kinds) values ('mail', '{}')")
	for seq := range 2 {
		app.exec("insert into ticket_events (ticket_id, seq, kind, author_id) select $1, $2 + 2, 'comment', requester_id from tickets where id = $1", ticket, seq)
		app.exec("insert into outbox_positions (stream, id, consumer, seq) values ('ticket', $1, 'mail', 1) on conflict do nothing", ticket)
		app.exec("insert into outbox_dead (consumer, stream, id, seq, error, tries) values ('mail', 'ticket', $1, $2 + 2, 'the server refused it', 10)", ticket, seq)
	}
	page := admin.get("/admin/system")
	if got := page.doc.Find("tbody tr").Length(); got != 2 {
		t.Fatalf("the page lists %d events, want 2", got)
	}
	back := admin.follow(admin.post("/admin/system/events", url.Values{"consumer": {"mail"}, "ticket": {strconv.FormatInt(ticket, 10)}, "seq": {"2"}}))
	if got := back.text("#flash"); got != "The event is delivered again. Reload this page in a moment." {
		t.Errorf("one event: got %q", got)
	}
	if got := app.count("select count(*) from outbox_dead where retry_at is not null"); got != 1 {
		t.Errorf("%d events are due, want 1", got)
	}
	admin.post("/admin/system/events", nil)
	if got := app.count("select count(*) from outbox_dead where retry_at is not null"); got != 2 {
		t.Errorf("%d events are due, want 2", got)
	}
	agent := app.agent("Tom")
	if got := agent.get("/admin/system"); got.StatusCode != http.StatusForbidden {
		t.Errorf("an agent gets %d, want 403", got.StatusCode)
	}
}

func TestTheSystemPageCountsOutgoingMail(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	for i, state := range []string{"queued", "deferred", "deferred", "failed", "failed", "failed", "sent"} {
		app.mailed(app.opensTicket(ana, "Lamp "+strconv.Itoa(i)), 2, state)
	}
	app.exec("update mail_out set created_at = now() - interval '3 hours', finished_at = case when state = 'failed' then now() end")
	app.exec("update mailboxes set state = 'paused'")
	page := priya.get("/admin/system")
	var got []string
	page.doc.Find("section[aria-labelledby=mail] dd").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Text()) })
	if want := []string{"1", "2", "3", "3 h 0 min", "1"}; !slices.Equal(got, want) {
		t.Errorf("the page counts %v, want %v", got, want)
	}
}

func TestTheSystemPageOfADeskWithoutMailCountsNoMails(t *testing.T) {
	if newApp(t).admin("Priya").get("/admin/system").has("#mail") {
		t.Error("the page counts mails")
	}
}

func TestAdminsSeeOnEveryPageThatAMailboxWasPausedByAnError(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, tom, priya := app.customer("Ana"), app.agent("Tom"), app.admin("Priya")
	notice := func(c *client, path string) string { return c.get(path).text("#mailbox-stopped") }
	if got := notice(priya, "/dashboard"); got != "" {
		t.Errorf("while it works, an admin sees %q", got)
	}
	app.exec("update mailboxes set state = 'paused', paused_reason = 'auth: 535', last_error = 'auth: 535'")
	if err := app.desk.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/dashboard", "/tickets", "/admin/system", "/account"} {
		if got := notice(priya, path); !strings.Contains(got, "No mail is sent from help@example.org: mails wait") {
			t.Errorf("%s: an admin sees %q", path, got)
		}
	}
	if got := notice(ana, "/tickets") + notice(tom, "/tickets"); got != "" {
		t.Errorf("others see %q", got)
	}
	priya.follow(priya.post(mailboxPath(app), url.Values{"paused": {"false"}})).wants(t, http.StatusOK, "Sending is resumed.")
	if got := notice(priya, "/dashboard"); got != "" {
		t.Errorf("after it was resumed, an admin sees %q", got)
	}
}

func mailboxPath(a *app) string {
	return "/admin/mailboxes/" + strconv.Itoa(a.count("select id from mailboxes")) + "/paused"
}
