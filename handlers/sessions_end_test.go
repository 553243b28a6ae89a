package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestARevokedSessionStaysRevoked(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	old := c.cookie()
	a.later(10 * time.Minute) // long enough that requests mark the session as used
	c.post("/logout", nil).leadsTo(t, "/")
	a.visitor().get("/account", "Cookie", old).leadsTo(t, "/login?next=%2Faccount")
	// A request that began before the sign-out saves its session late.
	store := a.desk.Accounts.Sessions.Store()
	token := strings.TrimPrefix(old, "frontdesk_session=")
	if err := store.CommitCtx(t.Context(), token, fmt.Appendf(nil, `{"user_id":%d,"session_ver":1}`, c.id), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	a.visitor().get("/account", "Cookie", old).leadsTo(t, "/login?next=%2Faccount")
}

func TestANewPasswordOrRoleEndsAllOtherSessions(t *testing.T) {
	a := newApp(t)
	here, there := a.customer("Ana"), a.visitor()
	there.name = "Ana"
	there.signIn()
	there.get("/account").wants(t, 200)
	const fresh = "another long password"
	here.post("/account/password", url.Values{"current": {"wrong"}, "password": {fresh}}).wants(t, 422, "not your current password")
	here.post("/account/password", url.Values{"current": {password}, "password": {fresh}}).leadsTo(t, "/account")
	here.get("/account").wants(t, 200)
	there.get("/account").leadsTo(t, "/login?next=%2Faccount")
	there.post("/login", url.Values{"email": {"ana@example.org"}, "password": {fresh}}).leadsTo(t, "/tickets")
	here.post("/account/sessions", nil).leadsTo(t, "/account")
	there.get("/account").leadsTo(t, "/login?next=%2Faccount")
	here.get("/account").wants(t, 200)
	a.exec("update users set role = 'admin', session_ver = session_ver + 1 where id = $1", here.id)
	here.get("/account").leadsTo(t, "/login?next=%2Faccount")
}

func TestOneDeviceCanBeSignedOutAlone(t *testing.T) {
	a := newApp(t)
	here, there := a.customer("Ana"), a.visitor()
	there.name = "Ana"
	there.signIn()
	page := here.get("/account").wants(t, 200, "This device")
	handle, _ := page.doc.Find("input[name=session]").Attr("value")
	here.post("/account/sessions", url.Values{"session": {handle}}).leadsTo(t, "/account")
	there.get("/account").leadsTo(t, "/login?next=%2Faccount")
	here.get("/account").wants(t, 200, "That device is signed out.")
	other := a.customer("Oluwaseun")
	other.post("/account/sessions", url.Values{"session": {handle}}).wants(t, 404)
}

func TestSessionsEndWhenIdleAndAfterThirtyDays(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	for range 5 {
		a.later(11 * time.Hour)
		c.get("/account").wants(t, 200)
	}
	a.later(13 * time.Hour)
	c.get("/account").leadsTo(t, "/login?next=%2Faccount")
	c.signIn()
	a.later(account.SessionLifetime + time.Hour)
	c.get("/account").leadsTo(t, "/login?next=%2Faccount")
}

func TestTheCookieIsKeptAfterItsSessionAsLongAsForms(t *testing.T) {
	a := newApp(t)
	a.customer("Ana")
	got := a.visitor().post("/login", url.Values{"email": {"ana@example.org"}, "password": {password}}).wants(t, 303)
	i := slices.IndexFunc(got.Cookies(), func(c *http.Cookie) bool { return c.Name == "frontdesk_session" })
	if i < 0 {
		t.Fatalf("the cookies are %v", got.Cookies())
	}
	if value := time.Duration(got.Cookies()[i].MaxAge) * time.Second; value < account.SessionLifetime+desk.KeptFor-time.Minute {
		t.Errorf("got %s, want at least %s", value, account.SessionLifetime+desk.KeptFor-time.Minute)
	}
}
