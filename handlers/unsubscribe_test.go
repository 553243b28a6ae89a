package handlers

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/desk"
)

// unsubscribeToken returns the token of mails to a user, made independently of the program.
func unsubscribeToken(t *testing.T, secret string, user int64) string {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "frontdesk unsubscribe", 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprint(mac, user)
	return fmt.Sprintf("%d.%s", user, hex.EncodeToString(mac.Sum(nil)[:13]))
}

// A mail service posts without a cookie, an origin or a referer, and a page of webmail from another origin. A program that only opens the link
// changes nothing.
func TestMailServicesUnsubscribeWithOneRequest(t *testing.T) {
	const secret = "the secret of this test, 32 bytes"
	a := newApp(t, func(o *desk.Options) { o.Mail.Keys = [][]byte{[]byte(secret)} })
	a.agent("bo")
	user := int64(a.count("select min(id) from users where role <> 'customer'"))
	path := "/unsubscribe/" + unsubscribeToken(t, secret, user)
	prefs := func() int { return a.count("select count(*) from users where mail_prefs ->> 'answered' = 'false'") }
	a.visitor().get(path).wants(t, http.StatusOK, "End these mails")
	if n := prefs(); n != 0 {
		t.Errorf("opening the link has changed the mails of %d users, want 0", n)
	}
	one := func(path string, fromPage bool) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.srv.URL+path, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if fromPage {
			r.Header.Set("Origin", "https://webmail.example.net")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		return got
	}
	if got := one(path+"0", false); got.StatusCode != http.StatusNotFound {
		t.Errorf("a wrong token: got %d, want 404", got.StatusCode)
	}
	for _, fromPage := range []bool{true, false} {
		if got := one(path, fromPage); got.StatusCode != http.StatusOK {
			t.Errorf("from a page %t: got %d, want 200", fromPage, got.StatusCode)
		}
	}
	if n := prefs(); n != 1 {
		t.Errorf("the mails of %d users are off, want 1", n)
	}
}

// Open routes look up no session, and failures are answered before a session is looked up.
func TestPagesWithoutASessionShowTheNameOfTheDesk(t *testing.T) {
	const secret = "the secret of this test, 32 bytes"
	a := newApp(t, func(o *desk.Options) { o.Mail.Keys = [][]byte{[]byte(secret)} })
	a.agent("bo")
	path := "/unsubscribe/" + unsubscribeToken(t, secret, int64(a.count("select min(id) from users where role <> 'customer'")))
	visitor := a.again(Config{DeskName: "Lindqvist Bikes"}).visitor()
	for name, got := range map[string]page{
		"unsubscribe": visitor.get(path).wants(t, http.StatusOK), "unsubscribed": visitor.post(path, nil).wants(t, http.StatusOK),
		"a wrong token": visitor.get(path+"0").wants(t, http.StatusNotFound), "the API's documents": visitor.get("/api/docs").wants(t, http.StatusOK),
		"an unknown page": visitor.get("/unknown").wants(t, http.StatusNotFound), "sign-in": visitor.get("/login").wants(t, http.StatusOK),
		"an unknown link": visitor.get("/invitations/unknown"),
	} {
		got.lacks(t, "Frontdesk")
		if words := got.text("title") + got.text(".site-footer"); strings.Count(words, "Lindqvist Bikes") != 2 {
			t.Errorf("%s: title and footer are %q", name, words)
		}
	}
}
