package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// makeToken creates a token on the account page and returns it.
func (c *client) makeToken(name, days string) string {
	c.app.t.Helper()
	return c.post("/account/tokens", url.Values{"name": {name}, "days": {days}, "current": {password}}).wants(c.app.t, 200).text("#token")
}

func TestATokenIsShownOnceAndWorksUntilItIsRevoked(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	ana.get("/account").wants(t, 200, "No tokens yet.", `href="/api/docs"`)
	page := ana.post("/account/tokens", url.Values{"current": {password}, "name": {"Nightly export"}, "days": {"90"}}).wants(t, 200, "not shown again", "Nightly export", "never used")
	if got := page.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the cache header of the page with the token is %q", got)
	}
	token := page.text("#token")
	if !regexp.MustCompile(`^fd_[a-z2-7]{26}$`).MatchString(token) {
		t.Fatalf("the token is %q", token)
	}
	ana.get("/account").wants(t, 200, "Nightly export").lacks(t, token, "No tokens yet.")
	a.neverStored(token)

	p := &apiClient{app: a, token: token}
	p.send("POST", "/tickets", invoice).wants(201)
	page = ana.get("/account").wants(t, 200, "last used").lacks(t, "never used")
	revoke, _ := page.doc.Find(`form[action$="/revoke"]`).Attr("action")
	boris := a.customer("Boris")
	boris.post(revoke, nil).wants(t, 404)
	p.send("GET", "/tickets", nil).wants(200)
	ana.follow(ana.post(revoke, nil)).wants(t, 200, "The token is revoked.", "No tokens yet.")
	p.send("GET", "/tickets", nil).wants(401)
	ana.post(revoke, nil).wants(t, 404)
}

// neverStored fails the test if the token itself is stored, and not only its hash.
func (a *app) neverStored(token string) {
	a.t.Helper()
	var n int
	if err := a.pool.QueryRow(a.t.Context(), "select count(*) from api_tokens t where to_jsonb(t)::text like '%' || $1 || '%'", token[3:]).Scan(&n); err != nil || n > 0 {
		a.t.Errorf("the token is stored (%v)", err)
	}
}

func TestATokenEndsAtItsTime(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	week, forever := &apiClient{app: a, token: ana.makeToken("A week", "7")}, &apiClient{app: a, token: ana.makeToken("For ever", "")}
	a.later(7*24*time.Hour - time.Minute)
	week.send("GET", "/tickets", nil).wants(200)
	a.later(2 * time.Minute)
	week.send("GET", "/tickets", nil).wants(401)
	forever.send("GET", "/tickets", nil).wants(200)
}

func TestATokenIsRevokedWithTheSessionsOfItsAccount(t *testing.T) {
	a := newApp(t)
	boss := a.admin("Boss")
	for name, end := range map[string]func(ana *client){
		"sign out everywhere": func(ana *client) { ana.post("/account/sessions", nil).wants(t, 303) },
		"a new password":      func(ana *client) { ana.post("/account/password", nextPassword()).wants(t, 303) },
		"a new password, box checked": func(ana *client) {
			ana.post("/account/password", nextPassword("tokens", "revoke_tokens")).wants(t, 303)
		},
		"sessions ended by an admin": func(ana *client) { boss.post(userURL(ana)+"/sessions", nil).wants(t, 303) },
		"a reset by an admin":        func(ana *client) { boss.post(userURL(ana)+"/password", nil).wants(t, 200) },
		"a reset, then their own":    func(ana *client) { a.resetAndChoose(boss, ana) },
		"another role":               func(ana *client) { boss.post(userURL(ana)+"/role", url.Values{"role": {"admin"}}).wants(t, 303) },
		"disabled and enabled again": func(ana *client) {
			boss.post(userURL(ana)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303)
			boss.post(userURL(ana)+"/disabled", url.Values{"disabled": {"false"}}).wants(t, 303)
		},
		"a reset by the operator": func(ana *client) {
			if _, err := a.desk.Accounts.Operator.ResetPassword(t.Context(), ana.email()); err != nil {
				t.Fatal(err)
			}
		},
		"made admin by the operator": func(ana *client) {
			if err := a.desk.Accounts.Operator.SetRole(t.Context(), ana.email(), string(account.RoleAdmin)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		ana := a.customer("Ana" + strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), ",", ""))
		p := &apiClient{app: a, token: ana.makeToken("Nightly", "30")}
		p.send("GET", "/tickets", nil).wants(200)
		end(ana)
		if got := p.send("GET", "/tickets", nil); got.StatusCode != 401 {
			t.Errorf("%s: got %d, want 401", name, got.StatusCode)
		}
	}
}

// nextPassword returns the form that changes the password, with the given fields for tokens.
func nextPassword(tokens ...string) url.Values {
	form := url.Values{"current": {password}, "password": {"another long password"}}
	for _, field := range tokens {
		form.Set(field, "yes")
	}
	return form
}

// resetAndChoose resets the password of an account. Its owner signs in with the one-time
// password and chooses a new one.
func (a *app) resetAndChoose(boss, owner *client) {
	a.t.Helper()
	oneTime := boss.post(userURL(owner)+"/password", nil).wants(a.t, 200).text("#password")
	owner.post("/login", url.Values{"email": {owner.email()}, "password": {oneTime}}).wants(a.t, 303)
	owner.post("/account/password", url.Values{"current": {oneTime}, "password": {"another long password"}}).wants(a.t, 303)
}

func TestANewPasswordKeepsTokensIfChosen(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	if ana.get("/account").wants(t, 200).has("[name=tokens], [name=revoke_tokens]") {
		t.Error("the form of an account without tokens has the question about tokens")
	}
	p := &apiClient{app: a, token: ana.makeToken("Nightly", "30")}
	if !ana.get("/account").wants(t, 200, "Also revoke my API tokens").has("input[type=checkbox][name=revoke_tokens][checked]") {
		t.Error("the box is not checked at first")
	}
	wrong := url.Values{"current": {"wrong"}, "password": {"another long password"}, "tokens": {"asked"}}
	if page := ana.post("/account/password", wrong).wants(t, 422); page.has("input[type=checkbox][name=revoke_tokens][checked]") {
		t.Error("after a wrong password the box is checked again")
	}
	ana.follow(ana.post("/account/password", nextPassword("tokens"))).wants(t, 200, "Your API tokens still work.")
	p.send("GET", "/tickets", nil).wants(200)
}

func TestCreatingATokenNeedsTheCurrentPassword(t *testing.T) {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 3, Per: time.Hour}
	a := newApp(t, func(o *desk.Options) { o.Limits = limits })
	ana := a.customer("Ana")
	for what, current := range map[string]string{"none": "", "a wrong one": "certainly wrong"} {
		page := ana.post("/account/tokens", url.Values{"name": {"Nightly"}, "days": {"30"}, "current": {current}}).wants(t, 422)
		if page.text("#current-error") == "" {
			t.Errorf("%s: the password has no error", what)
		}
		page.wantsValues(t, map[string]string{"#name": "Nightly", "#days option[selected]": "30", "#current": ""})
	}
	for range 2 {
		ana.post("/account/tokens", url.Values{"name": {"Nightly"}, "current": {"certainly wrong"}}).wants(t, 422)
	}
	ana.post("/account/tokens", url.Values{"name": {"Nightly"}, "current": {password}}).wants(t, 429)
	if n := a.count("select count(*) from api_tokens"); n != 0 {
		t.Errorf("%d tokens were created", n)
	}
}

func TestConcurrentTokensDoNotExceedTheLimit(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.SignIn = limit.Limit{} })
	ana := a.customer("Ana")
	a.exec("insert into api_tokens (user_id, name, token_hash, created_at) select $1, 'Old', sha256(n::text::bytea), now() from generate_series(1, $2) n", ana.id, account.MaxAPITokens-5)
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			_, _ = a.desk.Accounts.Tokens.Create(t.Context(), ana.actor(account.RoleCustomer), account.TokenInput{Name: "At once", Current: password})
		})
	}
	all.Wait()
	if n := a.count("select count(*) from api_tokens"); n != account.MaxAPITokens {
		t.Errorf("got %d tokens, want %d", n, account.MaxAPITokens)
	}
}

func TestATokenNeedsANameAndAValidTerm(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.SignIn = limit.Limit{} })
	ana := a.customer("Ana")
	page := ana.post("/account/tokens", url.Values{"current": {password}, "name": {" "}, "days": {"7"}}).wants(t, 422)
	if got := page.text("#name-error"); got == "" {
		t.Error("the form has no error, or lost the typed values: the text of #name-error is empty")
	}
	page.wantsValues(t, map[string]string{"#days option[selected]": "7"})
	page = ana.post("/account/tokens", url.Values{"current": {password}, "name": {"Nightly"}, "days": {"8"}}).wants(t, 422)
	if got := page.text("#days-error"); got == "" {
		t.Error("the form has no error, or lost the typed values: the text of #days-error is empty")
	}
	page.wantsValues(t, map[string]string{"#name": "Nightly"})
	for range account.MaxAPITokens {
		ana.makeToken("One of many", "7")
	}
	page = ana.get("/account").wants(t, 200, "the most allowed")
	if page.has(`form[action="/account/tokens"]`) {
		t.Error("the form for another token is still shown")
	}
	ana.post("/account/tokens", url.Values{"current": {password}, "name": {"One too many"}}).wants(t, 422)
	rows := page.doc.Find(`form[action$="/revoke"]`)
	names := map[string]bool{}
	rows.Each(func(_ int, s *goquery.Selection) { names[s.AttrOr("action", "")] = true })
	if len(names) != account.MaxAPITokens {
		t.Errorf("%d tokens are listed", len(names))
	}
}

func TestAUserIsMailedThatAnAdminHasReplacedTheirPassword(t *testing.T) {
	a := newApp(t, sendsMail)
	ana, boss := a.customer("Ana"), a.admin("Boss")
	boss.post(userURL(ana)+"/password", nil).wants(t, http.StatusOK)
	mails := a.mails("ana@example.org")
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want 1: %q", len(mails), mails)
	}
	if !strings.Contains(mails[0], "Boss has replaced the password") {
		t.Errorf(`mails[0] is %q, want it with "Boss has replaced the password"`, mails[0])
	}
	if !strings.Contains(mails[0], mailURL+"/password") {
		t.Errorf("mails[0] is %q, want it with %q", mails[0], mailURL+"/password")
	}
}
