package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	smtp "frontdesk/internal/mail"
)

// failedMail stores a failed mail with a text, and returns the path of its page. tickets are those of a
// notice; an answer is about its first one.
func (a *app) failedMail(kind, text string, tickets ...int64) string {
	a.t.Helper()
	raw, err := smtp.Message{From: smtp.Address{Addr: "help@example.org"}, To: []smtp.Address{{Addr: "ana@example.org"}}, Subject: "A lamp", Text: text, HTML: "<p>the other part</p>",
		MessageID: "1@example.org", Files: []smtp.File{{Name: "lamp.txt", ContentType: "text/plain", Content: []byte("x")}}}.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	var ticket *int64
	if kind == "answer" {
		ticket, tickets = &tickets[0], nil
	}
	var id int64
	err = a.pool.QueryRow(a.t.Context(), `with added as (
		insert into mail_out (mailbox_id, kind, ticket_id, seq, email, tickets, message_id, subject, raw, state, attempts, job_at, next_at, expires_at, created_at, finished_at, last_text)
		select min(id), $1::text::mail_kind, $2, 2, '', coalesce($3::bigint[], '{}'), gen_random_uuid()::text, 'A <lamp>', $4, 'failed', 3, now(), now(), now(), now(), now(), 'rcpt: 550 5.1.1 no such user' from mailboxes returning id)
		insert into mail_rcpt (mail_out_id, addr, state, code, text, updated_at) select id, 'ana@example.org', 'failed', 550, '5.1.1 no such user', now() from added returning mail_out_id`,
		kind, ticket, tickets, raw).Scan(&id)
	if err != nil {
		a.t.Fatal(err)
	}
	return fmt.Sprintf("/admin/mail/%d", id)
}

func TestThePageOfAMailShowsItsRecipientsItsTriesAndItsText(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := app.opensTicket(ana, "A lamp")
	path := app.failedMail("answer", "It is <b>repaired</b>.\nBye", ticket)
	if !priya.get("/admin/mail").has("tbody a[href='" + path + "']") {
		t.Error("the list does not link the page")
	}
	page := priya.get(path).wants(t, http.StatusOK)
	for selector, want := range map[string]string{
		"h1": "A <lamp>", ".delivery .mail-status": "Not mailed to ana@example.org: rcpt: 550 5.1.1 no such user", "section[aria-labelledby=text] .sample": "It is <b>repaired</b>. Bye",
		"section[aria-labelledby=recipients] tbody td:nth-child(1)": "ana@example.org", "section[aria-labelledby=recipients] tbody td:nth-child(2)": "Failed",
		"section[aria-labelledby=recipients] tbody td:nth-child(3)": "550 5.1.1 no such user", "section[aria-labelledby=text] li": "lamp.txt",
	} {
		if got := page.text(selector); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	for _, want := range []string{"Answer to the requester", "help@example.org", "Tries3", fmt.Sprintf("#%d", ticket)} {
		if got := page.text(".facts"); !strings.Contains(strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(want, " ", "")) {
			t.Errorf("the facts are %q, want %q in them", got, want)
		}
	}
	if strings.Contains(page.body, "the other part") {
		t.Error("the page has the HTML of the mail")
	}
	retried := priya.post(path, url.Values{"do": {"retry"}, "alone": {"true"}})
	if got := retried.Header.Get("Location"); got != path {
		t.Errorf("Retry leads to %q, want %q", got, path)
	}
	priya.follow(retried).wants(t, http.StatusOK, "The mail is sent again.", "Waits to be mailed to")
	app.exec("update mail_out set raw = null")
	priya.get(path).wants(t, http.StatusOK, "It is not stored any more.")
}

func TestThePageOfAMailShowsNoLinkThatWorksWithoutASession(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := app.opensTicket(ana, "A lamp")
	for _, kind := range []string{"password", "verify", "address_change", "invitation"} {
		page := priya.get(app.failedMail(kind, "secret token")).wants(t, http.StatusOK, "it has a link that signs in")
		if strings.Contains(page.body, "secret token") {
			t.Errorf("%s: the page shows the text", kind)
		}
	}
	page := priya.get(app.failedMail("notice", "Get no more such mails: https://desk.example.org/unsubscribe/7.abc", ticket)).wants(t, http.StatusOK, "/unsubscribe/…")
	if strings.Contains(page.body, "7.abc") {
		t.Error("the page shows the token with which anyone ends the mails of a user")
	}
}

func TestThePageOfAMailDoesNotExistForThoseWhoMayNotReadItsTickets(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, boss, tom := app.customer("Ana"), app.admin("Boss"), app.agent("Tom")
	secret, open := app.opensTicket(ana, "A secret"), app.opensTicket(ana, "A lamp")
	app.exec("update tickets set team_id = $2 where id = $1", secret, app.team("Board", true))
	boss.post("/admin/roles", url.Values{"name": {"Postmaster"}, "see_all": {"true"}, "manage_desk": {"true"}}).wants(t, http.StatusSeeOther)
	pat := app.customer("Pat")
	boss.post(userURL(pat)+"/role", url.Values{"role": {"Postmaster"}}).wants(t, http.StatusSeeOther)
	pat.signIn()
	own := app.opensTicket(pat, "My own")
	for name, c := range map[string]struct {
		path string
		who  *client
		want int
	}{
		"an answer of a private team":             {app.failedMail("answer", "x", secret), pat, http.StatusNotFound},
		"an answer of a private team, all":        {app.failedMail("answer", "x", secret), boss, http.StatusOK},
		"a notice with a ticket of such a team":   {app.failedMail("notice", "x", open, secret), pat, http.StatusNotFound},
		"a notice about other tickets":            {app.failedMail("notice", "x", open), pat, http.StatusOK},
		"a notice about one's own ticket":         {app.failedMail("notice", "x", open, own), pat, http.StatusNotFound},
		"a notice about that ticket, to another":  {app.failedMail("notice", "x", open, own), boss, http.StatusOK},
		"an answer on one's own ticket":           {app.failedMail("answer", "x", own), pat, http.StatusOK},
		"an agent who may not change the setting": {app.failedMail("notice", "x", open), tom, http.StatusForbidden},
	} {
		if got := c.who.get(c.path); got.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, got.StatusCode, c.want)
		}
		if c.want == http.StatusNotFound && c.who.get("/admin/mail").has("a[href='"+c.path+"']") {
			t.Errorf("%s: the list shows it", name)
		}
	}
}
