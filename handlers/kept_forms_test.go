package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestAFormOfAnEndedSessionIsKeptForItsSender(t *testing.T) {
	a := newApp(t)
	ana, ben := a.customer("Ana"), a.customer("Ben")
	a.later(account.SessionIdle + 1)
	ben.post("/tickets", ana.from(url.Values{"subject": {"Whose words are these?"}})).leadsTo(t, "/login?next=%2Ftickets%2Fnew")
	ben.signIn()
	ben.get("/tickets/new").wants(t, 200).lacks(t, "Whose words")
}

func TestAPageWithAKeptFormSaysThatItIsNotSentYet(t *testing.T) {
	app := newApp(t)
	boss, ana := app.admin("Boss"), app.customer("Ana")
	ticket := web.TicketURL(ana.open("A lamp", desk.PriorityLow).ID)
	for _, c := range []struct {
		by         *client
		post, page string
		form       url.Values
		link       string // to the form on the page
	}{
		{ana, "/tickets", "/tickets/new", url.Values{"subject": {"Half a thought"}}, ""},
		{ana, ticket + "/comments", ticket, url.Values{"text": {"Half a thought"}}, "#reply"},
		{ana, ticket + "/messages", ticket, url.Values{"text": {"Half a thought"}}, "#chat-form"},
		{boss, ticket + "/notes", ticket, url.Values{"text": {"Half a thought"}}, "#note"},
		{boss, ticket + "/triage", ticket, url.Values{"status": {"CLOSED"}, "was_status": {"OPEN"}}, "#triage"},
		{boss, ticket + "/assignment", ticket, url.Values{"assignee": {"0"}, "was_assignee": {"0"}}, "#assignment"},
		{boss, "/admin/categories", "/admin/categories", url.Values{"name": {"Half a thought"}}, ""},
	} {
		app.exec("update sessions set revoked_at = now()")
		c.by.post(c.post, c.by.from(c.form)).wants(t, http.StatusSeeOther)
		c.by.signIn()
		got := c.by.get(c.page).wants(t, http.StatusOK, "This is not sent yet", web.SessionHadEnded)
		if link := got.doc.Find(".notice a").First().AttrOr("href", ""); link != c.link {
			t.Errorf("POST %s: the notice leads to %q, want %q", c.post, link, c.link)
		}
		if c.link != "" && got.doc.Find(c.link).Length() != 1 {
			t.Errorf("POST %s: the page has no %s", c.post, c.link)
		}
		c.by.get(c.page).wants(t, http.StatusOK).lacks(t, "This is not sent yet")
	}
}

func TestAPageAfterAnEndedSessionShowsItsFormsAndSaysIfNothingWasSaved(t *testing.T) {
	app := newApp(t)
	boss, ana := app.admin("Boss"), app.customer("Ana")
	app.exec("insert into roles (name, name_key, reply) values ('Temp', 'temp', true)")
	role := "/admin/roles/" + strconv.Itoa(app.count("select id from roles where name = 'Temp'"))
	ticket := web.TicketURL(ana.open("A lamp", desk.PriorityLow).ID)
	customer := "/admin/users/" + strconv.FormatInt(ana.id, 10)
	category := strconv.Itoa(app.count("select id from categories order by id limit 1"))
	for _, c := range []struct {
		post, page string
		form       url.Values
		field      string // the selector of the field that shows the text again, or "" if nothing was saved
	}{
		{role + "/delete", role, nil, ""},
		{"/account/password", "/account", url.Values{"current": {"x"}, "password": {"y"}}, ""},
		{"/account/sessions", "/account", nil, ""},
		{"/account/tokens", "/account", url.Values{"name": {"Half a thought"}, "days": {"30"}}, "#name"},
		{"/account/away", "/account/away", url.Values{"do": {"return"}}, ""},
		{"/account/away", "/account/away", url.Values{"do": {"away"}, "back": {""}}, ""},
		{"/admin/categories/" + category, "/admin/categories", url.Values{"name": {"Half a thought"}, "do": {"rename"}}, "#name-" + category},
		{"/admin/categories/" + category, "/admin/categories", url.Values{"name": {"General"}, "do": {"retire"}}, ""},
		{ticket + "/followers", ticket, url.Values{"do": {"follow"}}, ""},
		{ticket + "/delete", ticket + "/delete", nil, ""},
		{"/notifications/read", "/notifications", nil, ""},
		{customer + "/role", customer, url.Values{"role": {"agent"}}, ""},
	} {
		app.exec("update sessions set revoked_at = now()")
		boss.post(c.post, boss.from(c.form)).wants(t, http.StatusSeeOther)
		boss.signIn()
		got := boss.get(c.page)
		if c.field == "" {
			got.wants(t, http.StatusOK, "Nothing was saved, because your session had ended").lacks(t, "This is not sent yet", "Another user has changed")
			continue
		}
		got.wants(t, http.StatusOK, "This is not sent yet")
		if value := got.doc.Find(c.field).AttrOr("value", ""); value != "Half a thought" {
			t.Errorf("POST %s: the field %s has %q", c.post, c.field, value)
		}
	}
	if got := boss.get(role).doc.Find("#name").AttrOr("value", ""); got != "Temp" {
		t.Errorf("the form of the role has the name %q, want Temp", got)
	}
}

// ended sends a form after the session of c has ended, and signs in again.
func (c *client) ended(path string, form url.Values) {
	c.app.t.Helper()
	c.app.exec("update sessions set revoked_at = now()")
	c.post(path, c.from(form)).wants(c.app.t, http.StatusSeeOther)
	c.signIn()
}

func TestEachFormOfAPageIsKept(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	app.exec("update sessions set revoked_at = now()")
	for path, form := range map[string]url.Values{"/comments": {"text": {"My reply"}}, "/notes": {"text": {"My note"}}, "/followers": {"do": {"follow"}}} {
		boss.post(ticket+path, boss.from(form)).wants(t, http.StatusSeeOther)
	}
	boss.signIn()
	shown := map[string]bool{}
	for range 2 {
		got := boss.get(ticket).wants(t, http.StatusOK, web.SessionHadEnded)
		shown[got.text("form[action*='/comments'] textarea")+got.text("form[action*='/notes'] textarea")] = true
	}
	if !shown["My reply"] || !shown["My note"] {
		t.Errorf("got the texts %v, want each once", shown)
	}
	boss.get(ticket).wants(t, http.StatusOK).lacks(t, web.SessionHadEnded, web.NothingSaved)
}

func TestAFormThatWasStoredBeforeItsSessionEndedIsNotStoredTwice(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ticket := web.TicketURL(ana.open("A lamp", desk.PriorityLow).ID)
	for _, path := range []string{"/comments", "/messages"} {
		form := url.Values{"text": {"Only once"}, "submission_id": {web.NewSubmissionID()}}
		ana.post(ticket+path, ana.from(form)).wants(t, http.StatusSeeOther)
		ana.ended(ticket+path, form)
		shown := ana.get(ticket).doc.Find("form[action*='" + path + "']").First()
		again := url.Values{"text": {shown.Find("textarea").Text()}, "submission_id": {shown.Find("[name=submission_id]").AttrOr("value", "")}}
		if again.Get("text") != "Only once" {
			t.Fatalf("%s: the form has %v", path, again)
		}
		ana.post(ticket+path, again).wants(t, http.StatusSeeOther)
	}
	if n := app.count("select count(*) from ticket_events where body = 'Only once'"); n != 2 {
		t.Errorf("got %d entries, want 2", n)
	}
}

func TestAFormWhoseSenderMayNotSendItAnyMoreWasNotSaved(t *testing.T) {
	app := newApp(t)
	boss, sam, ana := app.admin("Boss"), app.agent("Sam"), app.customer("Ana")
	ticket := web.TicketURL(ana.open("A lamp", desk.PriorityLow).ID)
	ana.ended(ticket+"/status", url.Values{"status": {"RESOLVED"}})
	ana.get(ticket).wants(t, http.StatusOK, web.NothingSaved).lacks(t, "This is not sent yet")
	boss.signIn()
	boss.post("/admin/roles", url.Values{"name": {"Writers"}, "see_all": {"true"}, "reply": {"true"}}).wants(t, http.StatusSeeOther)
	role := func(name string) {
		boss.post(userURL(sam)+"/role", url.Values{"role": {name}}).wants(t, http.StatusSeeOther)
	}
	for path, form := range map[string]url.Values{"/triage": {"status": {"CLOSED"}, "was_status": {"OPEN"}}, "/assignment": {"assignee": {"me"}, "was_assignee": {"none"}}} {
		app.exec("update sessions set revoked_at = now() where user_id = $1", sam.id)
		sam.post(ticket+path, sam.from(form)).wants(t, http.StatusSeeOther)
		role("Writers")
		sam.signIn()
		sam.get(ticket).wants(t, http.StatusOK, web.NothingSaved).lacks(t, "This is not sent yet")
		role("agent")
		sam.signIn()
	}
}

func TestTheAssigneeOfARowIsKeptWithItsOtherChoices(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	boss.ended(ticket+"/triage", url.Values{"status": {"OPEN"}, "was_status": {"OPEN"}, "assignee": {"me"}, "was_assignee": {"none"}, "return": {"/tickets"}})
	got := boss.get(ticket).wants(t, http.StatusOK, "This is not sent yet")
	if value := got.doc.Find("#assignment select[name=assignee] option[selected]").AttrOr("value", ""); value != strconv.FormatInt(boss.id, 10) {
		t.Errorf("the chosen assignee is %q, want Boss", value)
	}
}

func TestTheSignInPageSaysWhatIsBackAfterIt(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	for _, c := range []struct {
		path string
		form url.Values
		want string
	}{
		{ticket + "/comments", url.Values{"text": {"Half a thought"}}, "what you typed is back"},
		{ticket + "/followers", url.Values{"do": {"follow"}}, "nothing was saved. Sign in and do it again."},
	} {
		app.exec("update sessions set revoked_at = now()")
		boss.post(c.path, boss.from(c.form)).wants(t, http.StatusSeeOther)
		boss.get("/login").wants(t, http.StatusOK, c.want)
		boss.signIn()
	}
}

func TestAKeptFormIsNotDroppedByAPageThatFails(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	user := "/admin/users/" + strconv.FormatInt(app.customer("Ana").id, 10)
	for _, c := range []struct {
		post, page string
		form       url.Values
		want       string
	}{
		{user + "/role", user, url.Values{"role": {"agent"}}, "Nothing was saved"},
		{"/admin/teams", "/admin/teams", url.Values{"name": {"Half a thought"}}, "This is not sent yet"},
	} {
		app.exec("update sessions set revoked_at = now()")
		boss.post(c.post, boss.from(c.form)).wants(t, http.StatusSeeOther)
		boss.signIn()
		app.exec("alter table team_members rename to away")
		boss.get(c.page).wants(t, http.StatusInternalServerError).lacks(t, c.want)
		app.exec("alter table away rename to team_members")
		boss.get(c.page).wants(t, http.StatusOK, c.want, c.form.Get("name"))
		boss.get(c.page).wants(t, http.StatusOK).lacks(t, c.want)
	}
}

func TestAnUncheckedStatusOfAReplyStaysUncheckedAfterAnEndedSession(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	for _, start := range []string{"", "1"} {
		form := url.Values{"text": {"Half a thought"}, "may_start": {"1"}}
		if start != "" {
			form.Set("start", start)
		}
		app.exec("update sessions set revoked_at = now()")
		boss.post(ticket+"/comments", boss.from(form)).wants(t, http.StatusSeeOther)
		boss.signIn()
		_, checked := boss.get(ticket).wants(t, http.StatusOK, "Half a thought").doc.Find("input[name=start]").Attr("checked")
		if checked != (start != "") {
			t.Errorf("start %q: the box is checked: %t", start, checked)
		}
	}
}

func TestTheTextOfAFormThatMayNotBeSentAnyMoreIsShownAfterSigningIn(t *testing.T) {
	app := newApp(t)
	boss, sam := app.admin("Boss"), app.agent("Sam")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	kept := func(form string, change func()) page {
		change()
		sam.post(ticket+form, sam.from(url.Values{"text": {"The caliper is recalled."}})).wants(t, http.StatusSeeOther)
		sam.signIn()
		return sam.get(ticket)
	}
	role := func(rights url.Values) func() {
		return func() {
			boss.post("/admin/roles", rights).wants(t, http.StatusSeeOther)
			boss.post(userURL(sam)+"/role", url.Values{"role": {rights.Get("name")}}).wants(t, http.StatusSeeOther)
		}
	}
	for form, rights := range map[string]url.Values{
		"/notes":    {"name": {"Without notes"}, "see_all": {"true"}, "reply": {"true"}},
		"/comments": {"name": {"Without replies"}, "see_all": {"true"}, "note": {"true"}},
	} {
		got := kept(form, role(rights))
		text := got.text("#lost textarea")
		got.wants(t, http.StatusOK)
		if text != "The caliper is recalled." {
			t.Errorf(`%s: the text is %q, want "The caliper is recalled."`, form, text)
		}
		boss.post(userURL(sam)+"/role", url.Values{"role": {"agent"}}).wants(t, http.StatusSeeOther)
		sam.signIn()
	}
	got := kept("/comments", func() {
		app.later(account.SessionIdle + 1)
		app.exec("update tickets set team_id = $1", app.team("Security", true))
	})
	text := got.text(".typed textarea")
	got.wants(t, http.StatusNotFound)
	if text != "The caliper is recalled." {
		t.Errorf(`a ticket of a private team: the text is %q, want "The caliper is recalled."`, text)
	}
	sam.get(ticket).wants(t, http.StatusNotFound).lacks(t, "caliper") // the text is returned only once
}

func TestAPageThatMayNotBeSeenAnyMoreSaysThatItsButtonSavedNothing(t *testing.T) {
	app := newApp(t)
	sam := app.agent("Sam")
	ticket := web.TicketURL(app.customer("Ana").open("A lamp", desk.PriorityLow).ID)
	sam.ended(ticket+"/followers", url.Values{"do": {"follow"}})
	app.exec("update tickets set team_id = $1", app.team("Security", true))
	sam.get(ticket).wants(t, http.StatusNotFound, web.NothingSaved)
	sam.get(ticket).wants(t, http.StatusNotFound).lacks(t, web.NothingSaved) // only once
}

func TestAFormWithoutAPageIsNotKept(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ana.ended("/uploads/unknown/delete", url.Values{"text": {"Half a thought"}})
	if n := app.count("select count(*) from kept_forms"); n != 0 {
		t.Errorf("got %d kept forms, want 0", n)
	}
}
