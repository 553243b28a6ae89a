package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAVisitorGetsNoCookieAndASignInSetsOne(t *testing.T) {
	a := newApp(t)
	c := a.visitor()
	for _, path := range []string{"/", "/login", "/register", "/health", "/nowhere"} {
		if got := c.get(path); len(got.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("%s sets %q", path, got.Header.Values("Set-Cookie"))
		}
	}
	ana := a.customer("Ana")
	got := ana.post("/login", url.Values{"email": {ana.email()}, "password": {password}}).wants(t, 303)
	cookies := got.Header.Values("Set-Cookie")
	if len(cookies) != 1 {
		t.Fatalf("got %d cookies, want 1: %q", len(cookies), cookies)
	}
	if !strings.Contains(cookies[0], "HttpOnly") {
		t.Errorf(`cookies[0] is %q, want it with "HttpOnly"`, cookies[0])
	}
	if !strings.Contains(cookies[0], "SameSite=Lax") {
		t.Errorf(`cookies[0] is %q, want it with "SameSite=Lax"`, cookies[0])
	}
}

func TestASessionIsWrittenAtMostEveryFiveMinutes(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	c.get("/account")
	row := func() (xmin string) {
		if err := a.pool.QueryRow(t.Context(), "select string_agg(xmin::text, ',') from sessions").Scan(&xmin); err != nil {
			t.Fatal(err)
		}
		return xmin
	}
	before := row()
	c.get("/account").wants(t, 200)
	if row() != before {
		t.Error("a page wrote the session")
	}
	a.later(6 * time.Minute)
	c.get("/account").wants(t, 200)
	if row() == before {
		t.Error("the session was not marked as used")
	}
}

func TestOverHTTPSTheSessionCookieHasTheHostPrefix(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	for _, publicURL := range []string{"https://desk.example.org", "HTTPS://Desk.Example.org/"} {
		b := a.again(Config{PublicURL: publicURL})
		got := b.visitor().post("/login", url.Values{"email": {ana.email()}, "password": {password}}, "Origin", "https://desk.example.org").wants(t, 303)
		cookie := got.Header.Get("Set-Cookie")
		if !strings.HasPrefix(cookie, "__Host-") {
			t.Errorf(`%s: the cookie is %q, want the prefix "__Host-"`, publicURL, cookie)
		}
		if !strings.Contains(cookie, "Secure") {
			t.Errorf(`%s: the cookie is %q, want it with "Secure"`, publicURL, cookie)
		}
		if strings.Contains(cookie, "Domain") {
			t.Errorf(`%s: the cookie is %q, want it without "Domain"`, publicURL, cookie)
		}
		if got.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: no HSTS", publicURL)
		}
		b.visitor().post("/login", nil, "Origin", "", "Referer", "https://desk.example.org/login").wants(t, 422)
		b.visitor().post("/login", nil, "Origin", "", "Referer", "https://desk.example.org.evil.example/login").wants(t, 403)
	}
}
