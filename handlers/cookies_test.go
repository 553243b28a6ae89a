package handlers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/views/ui"
)

// withCookies returns a client of this app with the cookies of another client. Both apps have
// the same host, and browsers ignore the port of cookies.
func (a *app) withCookies(from *client) *client {
	a.t.Helper()
	c := a.visitor()
	of, _ := url.Parse(from.app.srv.URL)
	u, _ := url.Parse(a.srv.URL)
	c.http.Jar.SetCookies(u, from.http.Jar.Cookies(of))
	c.name, c.id = from.name, from.id
	return c
}

func TestTwoDesksOnOneHostDoNotSignEachOtherOut(t *testing.T) {
	a := newApp(t)
	a.customer("Ana")
	one, two := a.again(Config{Instance: "one", TokenKeys: testKeys}), a.again(Config{Instance: "two", TokenKeys: [][]byte{[]byte("another key of thirty-two bytes, or more")}})
	first := one.visitor()
	first.name = "Ana"
	first.signIn()
	second := two.withCookies(first)
	second.get("/account").leadsTo(t, "/login?next=%2Faccount")
	second.signIn()
	second.get("/account").wants(t, 200)
	back := one.withCookies(second)
	back.get("/account").wants(t, 200)
	back.post("/logout", nil).wants(t, 303)
	two.withCookies(back).get("/account").wants(t, 200)
}

func TestASessionCookieWithoutATagIsReplaced(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana") // with the cookie name without a tag
	tagged := a.again(Config{Instance: "one", TokenKeys: testKeys})
	c := tagged.withCookies(ana)
	got := c.get("/account").wants(t, 200)
	at := slices.IndexFunc(got.Cookies(), func(c *http.Cookie) bool { return strings.HasPrefix(c.Name, web.SessionCookie+"_") })
	if at < 0 {
		t.Fatalf("the cookies are %v, want the session under a name with a tag", got.Cookies())
	}
	if value := got.Cookies()[at].Value; value != strings.TrimPrefix(ana.cookie(), web.SessionCookie+"=") {
		t.Fatalf("the session is %q, want %q", value, strings.TrimPrefix(ana.cookie(), web.SessionCookie+"="))
	}
	if got := c.get("/account").wants(t, 200); len(got.Cookies()) != 0 {
		t.Errorf("the next page sets %v again", got.Cookies())
	}
	gone := c.post("/logout", nil).wants(t, 303)
	for _, cookie := range c.http.Jar.Cookies(gone.Request.URL) {
		if strings.HasPrefix(cookie.Name, web.SessionCookie) {
			t.Errorf("after signing out the browser still has %s", cookie.Name)
		}
	}
}

func TestOverHTTPSCookiesHaveTheHostPrefix(t *testing.T) {
	a := newApp(t)
	b := a.again(Config{PublicURL: "https://desk.example.org", Instance: "one", TokenKeys: testKeys})
	got := b.visitor().post("/register", url.Values{"username": {"New"}, "email": {"new@example.org"}, "password": {password}}, "Origin", "https://desk.example.org").wants(t, 303)
	names := ""
	for _, c := range got.Cookies() {
		if names += c.Name + " "; !strings.HasPrefix(c.Name, "__Host-frontdesk_") {
			t.Errorf("the name of the cookie is %s", c.Name)
		}
		if !c.Secure {
			t.Errorf("%s: the secure is false, want true", c.Name)
		}
		if c.Domain != "" {
			t.Errorf(`%s: the domain is %q, want ""`, c.Name, c.Domain)
		}
		if c.Path != "/" {
			t.Errorf(`%s: the path is %q, want "/"`, c.Name, c.Path)
		}
	}
	if !strings.Contains(names, web.SessionCookie) {
		t.Errorf("the names are %q, want it with %q", names, web.SessionCookie)
	}
	if !strings.Contains(names, web.FlashCookie) {
		t.Errorf("the names are %q, want it with %q", names, web.FlashCookie)
	}
}

func TestAnUnsignedFlashMessageIsNotShown(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	word, err := json.Marshal(ui.Flash{Tone: "ok", Text: "Your account is closed"})
	if err != nil {
		t.Fatal(err)
	}
	packed := base64.RawURLEncoding.EncodeToString(word)
	stranger, err := web.NewCookieSigner([][]byte{[]byte("the key of another desk, long enough")})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := web.NewCookieSigner(testKeys)
	if err != nil {
		t.Fatal(err)
	}
	older, err := web.NewCookieSigner(testKeys[1:])
	if err != nil {
		t.Fatal(err)
	}
	now := a.desk.Now()
	good := ours.Sign(web.FlashCookie, word, now.Add(30*time.Second))
	for what, c := range map[string]struct {
		value string
		shown bool
	}{
		"signed":                    {good, true},
		"signed by the key before":  {older.Sign(web.FlashCookie, word, now.Add(30*time.Second)), true},
		"as it was before":          {packed, false},
		"without a signature":       {packed + "." + "9999999999" + ".", false},
		"by another desk":           {stranger.Sign(web.FlashCookie, word, now.Add(30*time.Second)), false},
		"for another cookie":        {ours.Sign("other", word, now.Add(30*time.Second)), false},
		"over":                      {ours.Sign(web.FlashCookie, word, now.Add(-time.Second)), false},
		"for longer than a word is": {ours.Sign(web.FlashCookie, word, now.Add(time.Hour)), false},
		"changed":                   {"A" + good, false},
		"with a later end":          {strings.Replace(good, ".", ".9", 1), false},
	} {
		u, _ := url.Parse(a.srv.URL)
		ana.http.Jar.SetCookies(u, []*http.Cookie{{Name: web.FlashCookie, Value: c.value, Path: "/"}})
		if page := ana.get("/account").wants(t, 200); strings.Contains(page.body, "Your account is closed") != c.shown {
			t.Errorf("%s: the message is shown: %v, want %v", what, !c.shown, c.shown)
		}
	}
}
