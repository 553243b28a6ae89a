package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/account"
)

// invited returns the path of a new link for an address.
func invited(t *testing.T, boss *client, email, role string) string {
	t.Helper()
	page := boss.post("/admin/invitations", url.Values{"email": {email}, "role": {role}}).wants(t, http.StatusCreated)
	link := page.value("#link")
	path, ok := strings.CutPrefix(link, boss.app.srv.URL)
	if !ok {
		t.Fatalf("the link %q does not begin with the address of the desk", link)
	}
	return path
}

func TestAnInvitedColleagueChoosesAPasswordAndIsSignedIn(t *testing.T) {
	app := newApp(t)
	boss, lena := app.admin("Boss"), app.visitor()
	link := invited(t, boss, "lena@example.org", "agent")
	first := lena.get(link).wants(t, http.StatusOK)
	if got := first.text("p.lead"); !strings.HasPrefix(got, "Boss invites lena@example.org") {
		t.Errorf("the page says %q", got)
	}
	first.wantsElements(t, "input[name=password]").lacksElements(t, "[name=email]:not([hidden])")
	short := lena.post(link, url.Values{"username": {"Lena"}, "password": {"short"}})
	if short.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a short password: got status %d, want %d", short.StatusCode, http.StatusUnprocessableEntity)
	}
	if short.text("#password-error") == "" {
		t.Error("a short password: the text of #password-error is empty")
	}
	if value := short.value("#username"); value != "Lena" {
		t.Errorf("a short password: the value of #username is %q, want %q", value, "Lena")
	}
	home := lena.follow(lena.post(link, url.Values{"username": {"Lena"}, "password": {"three unrelated words"}}))
	home.wants(t, http.StatusOK)
	if got := home.text("#flash"); !strings.Contains(got, "You have accepted the invitation.") {
		t.Errorf(`accepted: the text of #flash is %q, want it with "You have accepted the invitation."`, got)
	}
	for method, again := range map[string]page{"GET": app.visitor().get(link), "POST": app.visitor().post(link, url.Values{"username": {"Eve"}, "password": {"three unrelated words"}})} {
		again.wants(t, http.StatusNotFound)
		if got := again.text("h1"); !strings.Contains(got, "not valid") {
			t.Errorf(`%s again: the text of h1 is %q, want it with "not valid"`, method, got)
		}
	}
	if list := boss.get("/admin/invitations"); strings.Contains(list.text("main"), "lena@example.org") {
		t.Error("an accepted invitation is in the list of open ones")
	}
}

func TestAnInvitedCustomerSignsInFirst(t *testing.T) {
	app := newApp(t)
	boss, ana, tom := app.admin("Boss"), app.customer("Ana"), app.customer("Tom")
	link := invited(t, boss, ana.email(), "agent")
	page := app.visitor().get(link)
	at := page.doc.Find("main a.btn").AttrOr("href", "")
	page.lacksElements(t, "input[name=password]")
	if at != "/login?next="+url.QueryEscape(link) {
		t.Errorf("a visitor is led to %q, want %q", at, "/login?next="+url.QueryEscape(link))
	}
	app.visitor().post(link, url.Values{"username": {"Ana"}, "password": {"three unrelated words"}}).wants(t, http.StatusSeeOther)
	tom.get(link).wantsElements(t, "main form[action='/logout']").lacksElements(t, "main form[action='"+link+"']")
	tom.post(link, nil).wants(t, http.StatusForbidden)
	home := ana.follow(ana.post(link, nil))
	if !strings.Contains(home.text("#flash"), "You have accepted the invitation.") {
		t.Errorf("accepted: %q", home.text("#flash"))
	}
	ana.get("/dashboard").wants(t, http.StatusOK)
	if got := app.count("select count(*) from users where email = 'ana@example.org' and role = 'agent'"); got != 1 {
		t.Errorf("%d agents, want 1", got)
	}
}

func TestStaffKeepTheRoleThatTheyHaveWhenTheyAreInvited(t *testing.T) {
	app := newApp(t)
	boss, ana := app.admin("Boss"), app.customer("Ana")
	link := invited(t, boss, ana.email(), "agent")
	app.exec("update users set role = 'admin' where id = $1", ana.id)
	page := ana.get(link).wants(t, http.StatusOK, "You are staff already")
	if page.has("main form") {
		t.Errorf("the page has the form %q", page.text("main form"))
	}
	ana.post(link, nil).wants(t, http.StatusForbidden)
}

func TestInvitationsAreRenewedAndRevoked(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	first := invited(t, boss, "lena@example.org", "admin")
	list := boss.get("/admin/invitations").wants(t, http.StatusOK, "lena@example.org")
	if strings.Contains(list.body, first) {
		t.Error("the list shows the link")
	}
	action := func(act string) string {
		return boss.get("/admin/invitations").doc.Find("form[action$='/"+act+"']").AttrOr("action", "")
	}
	renewed := boss.post(action("link"), nil).wants(t, http.StatusOK)
	second := strings.TrimPrefix(renewed.value("#link"), app.srv.URL)
	app.visitor().get(first).wants(t, http.StatusNotFound)
	app.visitor().get(second).wants(t, http.StatusOK)
	boss.post(action("revoke"), nil).wants(t, http.StatusSeeOther)
	app.visitor().get(second).wants(t, http.StatusNotFound)
}

func TestTheMailOfAnInvitationIsWithdrawnWhenItsLinkEnds(t *testing.T) {
	app := newApp(t, sendsMail)
	boss := app.admin("Boss")
	invited(t, boss, "lena@example.org", "agent")
	action := func(act string) string {
		return boss.get("/admin/invitations").doc.Find("form[action$='/"+act+"']").AttrOr("action", "")
	}
	states := func(want string) {
		t.Helper()
		var got string
		err := app.pool.QueryRow(t.Context(), "select coalesce(string_agg(state::text, ' ' order by id), '') from mail_out where kind = 'invitation' and (state <> 'cancelled' or expires_at <= now())").Scan(&got)
		if err != nil || got != want {
			t.Errorf("the mails are %q, want %q (%v)", got, want, err)
		}
	}
	states("queued")
	boss.post(action("link"), nil).wants(t, http.StatusOK)
	states("cancelled queued")
	boss.post(action("revoke"), nil).wants(t, http.StatusSeeOther)
	states("cancelled cancelled")
	link := invited(t, boss, "lena@example.org", "agent")
	app.visitor().post(link, url.Values{"username": {"Lena"}, "password": {"three unrelated words"}}).leadsTo(t, "/dashboard")
	states("cancelled cancelled cancelled")
}

func TestAnInvitationIsToTheTeamsThatAreChosen(t *testing.T) {
	app := newApp(t)
	boss, lena := app.admin("Boss"), app.visitor()
	billing, repairs := app.team("Billing", false), app.team("Repairs", true)
	page := boss.get("/admin/invitations").wants(t, http.StatusOK)
	if n := page.doc.Find("#join input").Length(); n != 2 {
		t.Errorf("the form has %d teams, want 2", n)
	}
	form := url.Values{"email": {"lena@example.org"}, "role": {"agent"}, "join": {fmt.Sprint(billing), fmt.Sprint(repairs)}}
	again := boss.post("/admin/invitations", url.Values{"email": {"lena"}, "role": {"agent"}, "join": form["join"]}).wants(t, http.StatusUnprocessableEntity)
	if n := again.doc.Find("#join input[checked]").Length(); n != 2 {
		t.Errorf("after an error %d teams are chosen, want 2", n)
	}
	link := boss.post("/admin/invitations", form).wants(t, http.StatusCreated, "in the teams")
	path := strings.TrimPrefix(link.value("#link"), app.srv.URL)
	lena.get(path).wants(t, http.StatusOK, "in the teams")
	lena.post(path, url.Values{"username": {"Lena"}, "password": {"three unrelated words"}}).wants(t, http.StatusSeeOther)
	if n := app.count("select count(*) from team_members m join users u on u.id = m.user_id where u.username = 'Lena'"); n != 2 {
		t.Errorf("Lena is in %d teams, want 2", n)
	}
}

func TestAnInvitationIsMailedAndConfirmsTheAddress(t *testing.T) {
	a := newApp(t, sendsMail)
	boss := a.admin("Boss")
	copied := invited(t, boss, "lena@example.org", "agent")
	mailed := a.mailedLink("lena@example.org")
	if copied == mailed {
		t.Error("the mailed link is the one to copy: accepting it would not show that the address is theirs")
	}
	form := url.Values{"username": {"Lena"}, "password": {"three unrelated words"}}
	a.visitor().post(mailed, form).leadsTo(t, "/dashboard")
	if got, want := a.addressOf(int64(a.count("select id from users where email = 'lena@example.org'"))), "lena@example.org confirmed"; got != want {
		t.Errorf("the address is %q, want %q", got, want)
	}
	a.visitor().get(copied).wants(t, http.StatusNotFound)

	a.visitor().post(invited(t, boss, "tom@example.org", string(account.RoleAgent)), form).leadsTo(t, "/dashboard")
	if got, want := a.addressOf(int64(a.count("select id from users where email = 'tom@example.org'"))), "tom@example.org"; got != want {
		t.Errorf("with the copied link the address is %q, want %q", got, want)
	}
	if mails := a.mails("tom@example.org"); !strings.Contains(mails[len(mails)-1], "Confirm the address") {
		t.Errorf("the newest mail is %q, want one to confirm the address", mails[len(mails)-1])
	}
}
