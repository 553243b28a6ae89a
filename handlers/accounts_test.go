package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

func TestRegisteringCreatesAnAccountAndSignsIn(t *testing.T) {
	a := newApp(t)
	c := a.visitor()
	c.get("/register").wants(t, 200, "Create an account")
	c.post("/register", url.Values{"username": {"Ana Kovač"}, "email": {"ana@example.org"}, "password": {password}}).leadsTo(t, "/tickets")
	c.get("/account").wants(t, 200, "Ana Kovač", "ana@example.org")
}

func TestErrorsAreShownAtTheirFieldsAndTypedTextIsKept(t *testing.T) {
	a := newApp(t)
	a.customer("Taken")
	for name, c := range map[string]struct {
		form  url.Values
		field string
		word  string
	}{
		"no name":        {url.Values{"username": {"  "}, "email": {"x@example.org"}, "password": {password}}, "username", "Write your name"},
		"no address":     {url.Values{"username": {"X"}, "password": {password}}, "email", "Write your e-mail"},
		"half address":   {url.Values{"username": {"X"}, "email": {"x@"}, "password": {password}}, "email", "whole address"},
		"taken":          {url.Values{"username": {"X"}, "email": {"TAKEN@example.org"}, "password": {password}}, "email", "already has an account"},
		"short password": {url.Values{"username": {"X"}, "email": {"x@example.org"}, "password": {"seven77"}}, "password", "Password: at least 12 characters"},
		"long password":  {url.Values{"username": {"X"}, "email": {"x@example.org"}, "password": {strings.Repeat("pa$s", 100)}}, "password", "at most 128"},
		"common":         {url.Values{"username": {"X"}, "email": {"x@example.org"}, "password": {"password1234"}}, "password", "too easy to guess"},
		"one letter":     {url.Values{"username": {"X"}, "email": {"x@example.org"}, "password": {"aaaaaaaaaaaaaaa"}}, "password", "too easy to guess"},
		"own address":    {url.Values{"username": {"X"}, "email": {"xavier@example.org"}, "password": {"xavier@example.org"}}, "password", "too easy to guess"},
		"NUL":            {url.Values{"username": {"X\x00Y"}, "email": {"x@example.org"}, "password": {password}}, "username", "one line"},
		"bad UTF-8":      {url.Values{"username": {"X\xffY"}, "email": {"x@example.org"}, "password": {password}}, "username", "one line"},
	} {
		got := a.visitor().post("/register", c.form).wants(t, 422)
		if text := got.text("#" + c.field + "-error"); !strings.Contains(text, c.word) {
			t.Errorf("%s: the error of %s is %q", name, c.field, text)
		}
		if text := got.text("title"); !strings.HasPrefix(text, "Error: ") {
			t.Errorf(`%s: the text of title is %q, want the prefix "Error: "`, name, text)
		}
		got.wantsElements(t, ".error-summary a[href='#"+c.field+"']")
		if want := c.form.Get("email"); got.value("#email") != want {
			t.Errorf("%s: the address %q is shown as %q", name, want, got.value("#email"))
		}
		if got.value("#password") != "" {
			t.Errorf("%s: the password is in the page", name)
		}
	}
}

func TestAnUnknownAddressAndAWrongPasswordHaveTheSameAnswer(t *testing.T) {
	a := newApp(t)
	a.customer("Ana")
	disabled := a.customer("Dora")
	a.exec("update users set disabled_at = now() where id = $1", disabled.id)
	var bodies []string
	for _, email := range []string{"ana@example.org", "nobody@example.org", "dora@example.org"} {
		got := a.visitor().post("/login", url.Values{"email": {email}, "password": {"certainly wrong"}}).wants(t, 401)
		bodies = append(bodies, strings.ReplaceAll(got.body, email, ""))
	}
	if bodies[0] != bodies[1] {
		t.Errorf("the pages differ: bodies[0] is %q, want %q", bodies[0], bodies[1])
	}
	if bodies[0] != bodies[2] {
		t.Errorf("the pages differ: bodies[0] is %q, want %q", bodies[0], bodies[2])
	}
	if got := a.visitor().post("/login", url.Values{"email": {"dora@example.org"}, "password": {password}}); got.StatusCode != 401 {
		t.Errorf("a disabled account signs in: %d", got.StatusCode)
	}
}

// exec executes a statement in the database of the desk.
func (a *app) exec(sql string, args ...any) {
	a.t.Helper()
	if _, err := a.pool.Exec(a.t.Context(), sql, args...); err != nil {
		a.t.Fatal(err)
	}
}

func TestSigningInRedirectsToTheRequestedPageButNotToAnotherSite(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	for next, want := range map[string]string{
		"/tickets/new":          "/tickets/new",
		"/tickets?q=a%20b":      "/tickets?q=a%20b",
		"https://evil.example":  "/tickets",
		"//evil.example":        "/tickets",
		"/\\evil.example":       "/tickets",
		"/\t/evil.example":      "/tickets",
		"javascript:alert(1)":   "/tickets",
		"":                      "/tickets",
		"tickets":               "/tickets",
		"/%2f/evil.example/..":  "/tickets",
		"http:/evil.example/it": "/tickets",
	} {
		c.post("/logout", nil)
		c.post("/login", url.Values{"email": {c.email()}, "password": {password}, "next": {next}}).leadsTo(t, want)
	}
	v := a.visitor()
	v.get("/account").leadsTo(t, "/login?next=%2Faccount")
}

func FuzzLocalPathsStayOnThisSite(f *testing.F) {
	for _, s := range []string{"/", "//x", "/\\x", "/a?b#c", "/\x00", "http://x", "/%5c%5cx", "/./..//x"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://desk.example/login")
	f.Fuzz(func(t *testing.T, next string) {
		got := web.LocalPath(next, "")
		if got == "" {
			return
		}
		u, err := base.Parse(got)
		if err != nil {
			t.Fatalf("%s: %v", next, err)
		}
		if u.Host != "desk.example" {
			t.Errorf(`%s: the host is %q, want "desk.example"`, next, u.Host)
		}
		if u.Scheme != "https" {
			t.Errorf(`%s: the scheme is %q, want "https"`, next, u.Scheme)
		}
	})
}

func TestTheTokenChangesAtSignIn(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	c.post("/logout", nil)
	u, _ := url.Parse(a.srv.URL)
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: "frontdesk_session", Value: "planted-by-somebody-else", Path: "/"}})
	c.signIn()
	for _, cookie := range c.http.Jar.Cookies(u) {
		if cookie.Value == "planted-by-somebody-else" {
			t.Error("the token that was set before the sign-in is a session")
		}
	}
}

// cookie returns the session cookie for a Cookie header, or "" if there is none.
func (c *client) cookie() string {
	u, _ := url.Parse(c.app.srv.URL)
	for _, cookie := range c.http.Jar.Cookies(u) {
		if cookie.Name == "frontdesk_session" {
			return cookie.Name + "=" + cookie.Value
		}
	}
	return ""
}

func TestAFormOfAnEndedSessionIsReturnedOnlyToItsOwner(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	a.later(13 * time.Hour)
	typed := url.Values{"username": {"Ana Kovač-Lund"}, "email": {"ana@new.example"}, "current": {password}}
	c.post("/account/profile", typed).leadsTo(t, "/login?next=%2Faccount")
	c.get("/login?next=%2Faccount").wants(t, 200, "Your session ended")
	a.customer("Sam").get("/account").wants(t, 200).lacks(t, "Lund")
	c.signIn()
	got := c.get("/account").wants(t, 200).lacks(t, password)
	got.wantsValues(t, map[string]string{"#username": "Ana Kovač-Lund", "#email": "ana@new.example"})
	c.get("/account").lacks(t, "Lund") // the form is returned only once
}

func TestTheSignInPageExplainsAFormSentWithoutASession(t *testing.T) {
	a := newApp(t)
	c := a.visitor()
	c.post("/tickets", url.Values{"subject": {"A lamp"}}).leadsTo(t, "/login?next=%2Ftickets%2Fnew")
	c.get("/login?next=%2Ftickets%2Fnew").wants(t, 200, "nothing was saved", "Back button")
	c.get("/tickets/new").leadsTo(t, "/login?next=%2Ftickets%2Fnew")
	c.get("/login?next=%2Ftickets%2Fnew").wants(t, 200).lacks(t, "nothing was saved")
}

func TestCrossOriginRequestsAreRefused(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	for name, headers := range map[string][]string{
		"foreign origin":   {"Origin", "https://evil.example"},
		"cross-site fetch": {"Origin", "", "Sec-Fetch-Site", "cross-site"},
		"no word at all":   {"Origin", ""},
		"foreign referer":  {"Origin", "", "Referer", "https://evil.example/"},
		"null origin":      {"Origin", "null"},
	} {
		if got := c.post("/account/theme", url.Values{"theme": {"dark"}}, headers...); got.StatusCode != 403 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	c.post("/account/theme", url.Values{"theme": {"dark"}}, "Origin", "", "Referer", a.srv.URL+"/account").leadsTo(t, "/account")
	if got := c.get("/account"); got.doc.Find("html.dark").Length() != 1 {
		t.Error("the page does not have the theme")
	}
}

func TestTooManySignInsAreRefusedWithTheTimeToRetry(t *testing.T) {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 3, Per: time.Hour}
	limits.Register = limit.Limit{N: 2, Per: time.Hour}
	a := newApp(t, func(o *desk.Options) { o.Limits = limits })
	c := a.visitor()
	for range 3 {
		c.post("/login", url.Values{"email": {"ana@example.org"}, "password": {"wrong"}}).wants(t, 401)
	}
	got := c.post("/login", url.Values{"email": {"ana@example.org"}, "password": {"wrong"}}).wants(t, 429, "Too many attempts")
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if typed := got.value("#email"); typed != "ana@example.org" {
		t.Errorf("the form has the address %q, want the one that was typed", typed)
	}
	a.later(21 * time.Minute)
	c.post("/login", url.Values{"email": {"ana@example.org"}, "password": {"wrong"}}).wants(t, 401)
	for i := range 3 {
		want := 303
		if i == 2 {
			want = 429
		}
		a.visitor().post("/register", url.Values{"username": {"X"}, "email": {fmt.Sprintf("x%d@example.org", i)}, "password": {password}}).wants(t, want)
	}
}
