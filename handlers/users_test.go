package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

func TestAdminsSearchAndPageThroughUsers(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	app.customer("Ana")
	got := priya.get("/admin/users")
	got.wants(t, http.StatusOK).wantsCount(t, "tbody tr", 2)
	if text := got.text("tbody tr"); !strings.Contains(text, "(you)") {
		t.Errorf(`the text of tbody tr is %q, want it with "(you)"`, text)
	}
	found := priya.get("/admin/users?q=AN&show=customers", htmx...)
	if found.has("main") {
		t.Error("the page has main")
	}
	if text := found.text("tbody .name b"); text != "Ana" {
		t.Errorf("the text of tbody .name b is %q, want %q", text, "Ana")
	}
	if value := found.value("#q"); value != "AN" {
		t.Errorf("the value of #q is %q, want %q", value, "AN")
	}
	if none := priya.get("/admin/users?q=%00%ff&after=x"); none.StatusCode != http.StatusOK {
		t.Errorf("an unusual query: %d", none.StatusCode)
	}
}

func TestACustomerCannotOpenAdminPages(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	for _, path := range []string{"/dashboard", "/admin/users", "/admin/users/new", fmt.Sprintf("/admin/users/%d", ana.id), "/admin/categories"} {
		ana.get(path).wants(t, http.StatusForbidden).wantsElements(t, "h1")
		if got := app.visitor().get(path); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s for a visitor: %d", path, got.StatusCode)
		}
	}
}

func TestARefusalIsTrueForEveryRole(t *testing.T) {
	a := newApp(t)
	ana, tom := a.customer("Ana"), a.agent("Tom")
	id := a.opensTicket(ana, "Mine")
	refusal := "Your account may not do this. Ask an admin if you need it."
	tom.get("/admin/users").wants(t, 403, refusal).lacks(t, "Staff only", "its own tickets")
	tom.get(web.TicketURL(id)+"/delete").wants(t, 403, refusal)
	ana.get(web.TicketURL(id)+"/delete").wants(t, 200, "Staff who manage the desk can restore it for 30 days")
	ana.post(web.TicketURL(id)+"/status", url.Values{"status": {"CLOSED"}}).wants(t, 403, refusal)
	refused := map[string]reply{
		"an agent deletes":           tom.program().send(http.MethodDelete, web.TicketURL(id), nil),
		"a customer sets the status": ana.program().send(http.MethodPatch, web.TicketURL(id)+"/status", map[string]string{"status": "CLOSED"}),
	}
	for what, got := range refused {
		if text := got.wants(403).get("error"); text != "Not allowed. "+refusal {
			t.Errorf("%s: got %q", what, text)
		}
	}
}

func TestAnAddedUserSignsInWithTheirOneTimePassword(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	form := url.Values{"username": {"Tom"}, "email": {"tom@example.org"}, "role": {"admin"}}
	got := priya.post("/admin/users", form)
	got.wants(t, http.StatusCreated)
	if text := got.text("#one-time code"); text == "" {
		t.Fatal("the text of #one-time code is empty")
	}
	tom := app.visitor()
	in := tom.post("/login", url.Values{"email": {"tom@example.org"}, "password": {got.text("#one-time code")}})
	if in.StatusCode != http.StatusSeeOther {
		t.Errorf("sign in: %d", in.StatusCode)
	}
	if room := tom.get("/admin/users"); room.StatusCode == http.StatusOK {
		t.Error("the one-time password gives access to other pages")
	}
	again := priya.post("/admin/users", form)
	if again.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("sent again: got status %d, want %d", again.StatusCode, http.StatusUnprocessableEntity)
	}
	if again.text("#email-error") == "" {
		t.Error("sent again: the text of #email-error is empty")
	}
	if value := again.value("#username"); value != "Tom" {
		t.Errorf("sent again: the value of #username is %q, want %q", value, "Tom")
	}
	if !again.has("input[value=admin][checked]") {
		t.Error("sent again: the page has no input[value=admin][checked]")
	}
}

func TestAnAccountIsChangedFromItsPage(t *testing.T) {
	app := newApp(t)
	priya, ana := app.admin("Priya"), app.customer("Ana")
	page := fmt.Sprintf("/admin/users/%d", ana.id)
	steps := []struct {
		below, field, value, word string
	}{
		{"/role", "role", "admin", "Ana is an admin now."},
		{"/role", "role", "customer", "Ana is a customer now."},
		{"/disabled", "disabled", "true", "The account of Ana is disabled."},
		{"/disabled", "disabled", "false", "The account of Ana is enabled."},
		{"/sessions", "", "", "Ana is signed out everywhere, and their API tokens are revoked."},
	}
	for _, s := range steps {
		ana.post("/login", url.Values{"email": {ana.email()}, "password": {password}}) // a disabled account cannot sign in
		back := priya.follow(priya.post(page+s.below, url.Values{s.field: {s.value}}))
		if back.text("#flash") != s.word {
			t.Errorf("%s: %q", s.word, back.text("#flash"))
		}
		if after := ana.get("/account"); after.StatusCode == http.StatusOK {
			t.Errorf("%s: the session is still valid", s.word)
		}
	}
	reset := priya.post(page+"/password", nil)
	reset.wants(t, http.StatusOK)
	if got := reset.text("#one-time code"); got == "" {
		t.Error("reset: the text of #one-time code is empty")
	}
	for below, form := range map[string]url.Values{"/role": {"role": {"root"}}, "/disabled": {"disabled": {"perhaps"}}} {
		if got := priya.post(page+below, form); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s %v: %d", below, form, got.StatusCode)
		}
	}
	own := fmt.Sprintf("/admin/users/%d", priya.id)
	if got := priya.get(own); got.has(fmt.Sprintf("form[action='%s/role']", own)) {
		t.Error("the page of the user's own account offers another role")
	}
	if got := priya.post(own+"/role", url.Values{"role": {"customer"}}); got.StatusCode != http.StatusConflict {
		t.Errorf("changing the own role: %d", got.StatusCode)
	}
}

func TestFormsOfAdminsAreKeptAfterTheSession(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	app.later(13 * time.Hour)
	priya.post("/admin/users", url.Values{"username": {"Tom"}, "email": {"tom@example.org"}, "role": {"admin"}})
	priya.post("/admin/categories", url.Values{"name": {"Workshop"}})
	priya.signIn()
	priya.get("/admin/users/new").wantsValues(t, map[string]string{"#username": "Tom"}).wantsElements(t, "input[value=admin][checked]")
	priya.get("/admin/categories").wantsValues(t, map[string]string{"#name-0": "Workshop", "#name-1": "Billing"})
}

func TestAGeneratedPasswordHasToBeChangedFirst(t *testing.T) {
	a := newApp(t)
	made, err := a.desk.Accounts.Operator.SeedAdmin(t.Context(), "", "")
	if err != nil || made.Password == "" {
		t.Fatal(made, err)
	}
	c := a.visitor()
	c.post("/login", url.Values{"email": {made.Email}, "password": {made.Password}}).leadsTo(t, "/dashboard")
	c.get("/").leadsTo(t, "/dashboard")
	held := c.get("/tickets?q=lamp").leadsTo(t, "/account?next=%2Ftickets%3Fq%3Dlamp")
	c.post("/tickets", nil).leadsTo(t, "/account?next=%2Ftickets%2Fnew")
	form := c.follow(held).wants(t, 200, "Choose your password")
	choice := url.Values{"current": {"wrong"}, "password": {password}, "next": {form.value(`form[action="/account/password"] [name=next]`)}}
	again := c.post("/account/password", choice).wants(t, 422)
	choice.Set("current", made.Password)
	choice.Set("next", again.value(`form[action="/account/password"] [name=next]`))
	c.post("/account/password", choice).leadsTo(t, "/tickets?q=lamp")
	if second, err := a.desk.Accounts.Operator.SeedAdmin(t.Context(), "other@example.org", password); err != nil || second.Email != "" {
		t.Errorf("a second admin was seeded: %v, %v", second, err)
	}
}

func TestAChangeOfAnAccountIsConfirmed(t *testing.T) {
	app := newApp(t)
	priya, ana := app.admin("Priya"), app.customer("Ana")
	at := fmt.Sprintf("/admin/users/%d", ana.id)
	page := priya.get(at).wants(t, 200)
	for below, button := range map[string]string{"/role": "Change role", "/disabled": "Disable account", "/password": "Create one-time password"} {
		if page.has(`form[action="` + at + below + `"]`) {
			t.Errorf("%s acts without a confirmation", button)
		}
		question := priya.get(page.doc.Find(`a[href="`+at+below+`"]`).AttrOr("href", "/nowhere")).wants(t, 200, "Ana", "Cancel")
		form := question.doc.Find(`form[action="` + at + below + `"]`)
		if got := strings.TrimSpace(form.Find("button").Text()); got != button {
			t.Errorf("the button of the confirmation is %q, want %q", got, button)
		}
		fields := fieldsOf(form)
		if below == "/role" {
			fields.Set("role", "agent")
		}
		if got := priya.post(at+below, fields); got.StatusCode >= 400 {
			t.Errorf("%s: %d", button, got.StatusCode)
		}
	}
	if got := priya.get(at).wants(t, 200); !got.has(".badge[data-role=locked]") {
		t.Error("the account is not disabled")
	}
}

func TestAnAdminMakesAnAgentWhoWorksTheQueue(t *testing.T) {
	app := newApp(t)
	priya, noor, ana := app.admin("Priya"), app.customer("Noor"), app.customer("Ana")
	id := app.opensTicket(ana, "A lamp is dark")
	at := userURL(noor)
	choice := priya.get(at+"/role").wants(t, 200, "Agent", "Reads and answers tickets, except those of private teams of others").doc.Find("input[name=role]")
	if got := choice.Length(); got != 3 {
		t.Fatalf("%d roles are offered, want 3", got)
	}
	if got := choice.Filter("[checked]").AttrOr("value", ""); got != "customer" {
		t.Errorf("the role %q is chosen at first, want customer", got)
	}
	priya.post(at+"/role", url.Values{"role": {"agent"}}).leadsTo(t, at)
	priya.get("/admin/users?show=staff").wants(t, 200, "Noor", "Agent").lacks(t, "ana@example.org")
	noor.get("/dashboard").leadsTo(t, "/login?next=%2Fdashboard")
	noor.signIn()
	page := noor.get("/dashboard").wants(t, 200, "A lamp is dark")
	if page.has(`a[href^="/admin/"]`) {
		t.Error("an agent is shown links to pages of admins")
	}
	noor.post(fmt.Sprintf("/tickets/%d/comments", id), url.Values{"text": {"A new one is on its way."}, "then": {"resolved"}}).wants(t, 303)
	if page := noor.get(fmt.Sprintf("/tickets/%d", id)).wants(t, 200, "Resolved"); page.has(`a[href$="/delete"]`) {
		t.Error("an agent is offered to delete the ticket of another user")
	}
	priya.post(at+"/role", url.Values{"role": {"boss"}}).wants(t, 422)
}

func TestTheAPICallsEveryMemberOfStaffAdmin(t *testing.T) {
	app := newApp(t)
	ana, noor := app.customer("Ana").program(), app.agent("Noor").program()
	id := ana.send("POST", "/tickets", invoice).wants(201).number("id")
	noor.chat(id, "From an agent")
	ana.chat(id, "From a customer")
	messages := ana.send("GET", fmt.Sprintf("/tickets/%d/messages", id), nil).wants(200)
	for path, want := range map[string]any{"0.sender.role": "ADMIN", "0.sender.staffRole": "agent", "1.sender.role": "CUSTOMER", "1.sender.staffRole": nil} {
		if got := messages.get(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestLastSeenIsSetAtSignIn(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	ana := app.visitor()
	ana.post("/register", url.Values{"username": {"Ana"}, "email": {"ana@example.org"}, "password": {password}}).leadsTo(t, "/tickets")
	row := priya.get("/admin/users?q=ana@").text("td[data-label=Seen]")
	if strings.Contains(row, "never") {
		t.Errorf(`the row is %q, want it without "never"`, row)
	}
	if !strings.Contains(row, "just now") {
		t.Errorf(`the row is %q, want it with "just now"`, row)
	}
}

// The use of the API sets the time when the owner was last seen: for a signed token every five
// minutes, for a token of the account page whenever the use of the token is stored.
func TestLastSeenIncludesTheUseOfTheAPI(t *testing.T) {
	a := newApp(t)
	boss, signed, personal := a.admin("Boss"), a.customer("Ana"), a.customer("Tom")
	programs := []*apiClient{signed.program(), {app: a, token: personal.makeToken("Export", "90")}}
	a.exec("update users set seen_at = null")
	for i, c := range []*client{signed, personal} {
		page := fmt.Sprintf("/admin/users/%d", c.id)
		if got := boss.get(page).text(".facts"); !strings.Contains(got, "never") {
			t.Errorf("%s before: %q, want never seen", c.name, got)
		}
		programs[i].send("GET", "/tickets", nil).wants(200)
		if got := boss.get(page).text(".facts"); strings.Contains(got, "never") {
			t.Errorf("%s after a request to the API: %q", c.name, got)
		}
	}
	if n := a.count("select count(*) from api_tokens where last_used_at is not null"); n != 1 {
		t.Errorf("the use of %d tokens is stored, want 1", n)
	}
}

func TestTheTrashShowsHowLongATicketIsKept(t *testing.T) {
	app := newApp(t)
	priya, ana := app.admin("Priya"), app.customer("Ana")
	ana.post(web.TicketURL(app.opensTicket(ana, "Mine"))+"/delete", nil)
	left := func() string { return priya.get("/admin/trash").text(`td[data-label="Kept for"]`) }
	if got := left(); got != "30 more days" {
		t.Errorf("at first it is kept for %q", got)
	}
	app.exec("update tickets set deleted_at = deleted_at - interval '28 days 1 hour'")
	if got := left(); got != "2 more days" {
		t.Errorf("after 28 days it is kept for %q", got)
	}
}
