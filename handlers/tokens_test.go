package handlers

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/desk"
)

// makeToken makes a token on the account page and returns it.
func (c *client) makeToken(name, days string) string {
	c.app.t.Helper()
	return c.post("/account/tokens", url.Values{"name": {name}, "days": {days}}).wants(c.app.t, 200).text("#token")
}

func TestATokenIsShownOnceAndWorksUntilItIsRevoked(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	ana.get("/account").wants(t, 200, "No tokens yet.", `href="/api/docs"`)
	page := ana.post("/account/tokens", url.Values{"name": {"Nightly export"}, "days": {"90"}}).wants(t, 200, "not shown again", "Nightly export", "never used")
	if got := page.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page that shows it is %q", got)
	}
	token := page.text("#token")
	if !regexp.MustCompile(`^fd_[a-z2-7]{26}$`).MatchString(token) {
		t.Fatalf("the token is %q", token)
	}
	ana.get("/account").wants(t, 200, "Nightly export").lacks(t, token, "No tokens yet.")
	a.neverStored(token)

	p := &program{app: a, token: token}
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

// neverStored fails the test where the token itself stands beside its hash.
func (a *app) neverStored(token string) {
	a.t.Helper()
	var n int
	if err := a.pool.QueryRow(a.t.Context(), "select count(*) from api_tokens t where to_jsonb(t)::text like '%' || $1 || '%'", token[3:]).Scan(&n); err != nil || n > 0 {
		a.t.Errorf("the token is kept (%v)", err)
	}
}

func TestATokenEndsAtItsTime(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	week, forever := &program{app: a, token: ana.makeToken("A week", "7")}, &program{app: a, token: ana.makeToken("For ever", "")}
	a.later(7*24*time.Hour - time.Minute)
	week.send("GET", "/tickets", nil).wants(200)
	a.later(2 * time.Minute)
	week.send("GET", "/tickets", nil).wants(401)
	forever.send("GET", "/tickets", nil).wants(200)
}

func TestATokenEndsWithTheAccountButNotWithAPassword(t *testing.T) {
	a := newApp(t)
	ana, boss := a.customer("Ana"), a.admin("Boss")
	p := &program{app: a, token: ana.makeToken("Nightly", "30")}
	a.exec("update users set must_change_password = true where id = $1", ana.id)
	p.send("GET", "/tickets", nil).wants(403)
	a.exec("update users set must_change_password = false where id = $1", ana.id)
	boss.post(userURL(ana)+"/disabled", url.Values{"disabled": {"true"}}).wants(t, 303)
	p.send("GET", "/tickets", nil).wants(401)
	boss.post(userURL(ana)+"/disabled", url.Values{"disabled": {"false"}}).wants(t, 303)
	p.send("GET", "/tickets", nil).wants(200)
}

func TestATokenWantsANameAndOneOfTheTerms(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	page := ana.post("/account/tokens", url.Values{"name": {" "}, "days": {"7"}}).wants(t, 422)
	if page.text("#name-error") == "" || page.value("#days option[selected]") != "7" {
		t.Errorf("the form does not say what is wrong, or forgets: %s", page.body)
	}
	page = ana.post("/account/tokens", url.Values{"name": {"Nightly"}, "days": {"8"}}).wants(t, 422)
	if page.text("#days-error") == "" || page.value("#name") != "Nightly" {
		t.Errorf("the form does not say what is wrong, or forgets: %s", page.body)
	}
	for range desk.MaxAPITokens {
		ana.makeToken("One of many", "7")
	}
	page = ana.get("/account").wants(t, 200, "the most allowed")
	if page.has(`form[action="/account/tokens"]`) {
		t.Error("the form for one more is still there")
	}
	ana.post("/account/tokens", url.Values{"name": {"One too many"}}).wants(t, 422)
	rows := page.doc.Find(`form[action$="/revoke"]`)
	names := map[string]bool{}
	rows.Each(func(_ int, s *goquery.Selection) { names[s.AttrOr("action", "")] = true })
	if len(names) != desk.MaxAPITokens {
		t.Errorf("%d tokens are listed", len(names))
	}
}
