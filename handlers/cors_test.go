package handlers

import (
	"net/http"
	"strings"
	"testing"
)

const namedOrigin = "https://app.example.org" // CORS_ORIGIN of [newApp]

// corsOf returns the headers that decide in a browser whether a script may read an answer.
func corsOf(h http.Header) (origin, credentials string, vary bool) {
	return h.Get("Access-Control-Allow-Origin"), h.Get("Access-Control-Allow-Credentials"), strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin")
}

// wantsReadable fails the test unless scripts of namedOrigin may read an answer.
func wantsReadable(t *testing.T, what string, got *http.Response) {
	t.Helper()
	origin, credentials, vary := corsOf(got.Header)
	if origin != namedOrigin {
		t.Errorf("%s (%d): the origin is %q, want %q", what, got.StatusCode, origin, namedOrigin)
	}
	if credentials != "true" {
		t.Errorf(`%s (%d): the credentials are %q, want "true"`, what, got.StatusCode, credentials)
	}
	if !vary {
		t.Errorf("%s (%d): Vary is false, want true", what, got.StatusCode)
	}
}

func TestFailuresForANamedOriginCanBeReadWithCredentials(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana, nobody := c.program(), &apiClient{app: a}
	_, name := a.ticketWithFile(c)
	for what, got := range map[string]reply{
		"400":             ana.send("POST", "/tickets", obj{}, "Origin", namedOrigin),
		"401":             nobody.send("GET", "/tickets", nil, "Origin", namedOrigin),
		"403":             ana.send("GET", "/tickets/999", nil, "Origin", namedOrigin),
		"404":             ana.send("GET", "/nothing", nil, "Origin", namedOrigin),
		"405":             ana.send("PATCH", "/tickets", nil, "Origin", namedOrigin),
		"413":             ana.send("POST", "/tickets", obj{"subject": strings.Repeat("a", 2<<20)}, "Origin", namedOrigin),
		"415":             ana.send("POST", "/tickets", "x", "Content-Type", "text/plain", "Origin", namedOrigin),
		"a file":          ana.send("GET", "/uploads/"+name, nil, "Origin", namedOrigin),
		"416":             ana.send("GET", "/uploads/"+name, nil, "Origin", namedOrigin, "Range", "bytes=99-"),
		"a foreign token": (&apiClient{app: a, token: "rubbish"}).send("GET", "/uploads/"+name, nil, "Origin", namedOrigin),
		"HEAD":            ana.send("HEAD", "/tickets", nil, "Origin", namedOrigin),
	} {
		wantsReadable(t, what, got.Response)
	}
}

func TestAPreflightForAFileIsAnsweredLikeOneForTheAPI(t *testing.T) {
	a := newApp(t)
	_, name := a.ticketWithFile(a.customer("Ana"))
	for _, path := range []string{"/uploads/" + name, "/api/tickets", "/api/nothing", "/socket.io/"} {
		got := a.visitor().send("OPTIONS", path, nil, "Origin", namedOrigin, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
		wantsReadable(t, path, got.Response)
		allowed := got.Header.Get("Access-Control-Allow-Headers")
		got.wants(t, 204)
		if !strings.Contains(allowed, "Authorization") {
			t.Errorf(`%s: the allowed is %q, want it with "Authorization"`, path, allowed)
		}
	}
	// Without the headers of a preflight, OPTIONS returns the methods of an address.
	got := a.visitor().send("OPTIONS", "/api/tickets", nil, "Origin", namedOrigin)
	got.wants(t, 204)
	if value := got.Header.Get("Allow"); !strings.Contains(value, "POST") {
		t.Errorf(`OPTIONS: Allow is %q, want it with "POST"`, value)
	}
}

// A browser sends the cookie of a desk on the same site with a script's request
// from another origin: what the session answers must not be readable there.
func TestAnswersToSessionsAreNotReadableByOtherOrigins(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	_, name := a.ticketWithFile(ana)
	for _, path := range []string{"/uploads/" + name, "/uploads/" + name + "?until=1&sign=x", "/tickets", "/account"} {
		for _, accept := range []string{"*/*", "text/html"} {
			got := ana.get(path, "Origin", namedOrigin, "Accept", accept)
			if got.StatusCode != 200 {
				continue
			}
			origin, credentials, _ := corsOf(got.Header)
			if origin != "" {
				t.Errorf("%s for %s: the origin is %q, want none", path, accept, origin)
			}
			if credentials != "" {
				t.Errorf("%s for %s: credentials are %q, want none", path, accept, credentials)
			}
		}
	}
}

func TestCredentialsAreAllowedToNamedOriginsAndNotToAll(t *testing.T) {
	a := newApp(t)
	for _, c := range []struct {
		configured          []string
		origin              string
		allowed, credential string
	}{
		{[]string{"*"}, namedOrigin, "*", ""},
		{[]string{"*"}, "*", "*", ""},
		{[]string{"*"}, "null", "*", ""},
		{[]string{"*", namedOrigin}, namedOrigin, namedOrigin, "true"},
		{[]string{namedOrigin, "*"}, "https://other.example", "*", ""},
		{[]string{namedOrigin, "https://other.example"}, "https://other.example", "https://other.example", "true"},
		{[]string{namedOrigin}, "https://other.example", "", ""},
		{nil, namedOrigin, "", ""},
	} {
		b := a.again(Config{CORSOrigins: c.configured, TokenKeys: [][]byte{keyNow}})
		for _, headers := range [][]string{{"GET"}, {"OPTIONS", "Access-Control-Request-Method", "GET"}} {
			got := b.visitor().send(headers[0], "/api/tickets", nil, append([]string{"Origin", c.origin}, headers[1:]...)...)
			origin, credentials, vary := corsOf(got.Header)
			if origin != c.allowed {
				t.Errorf("%s from %s with CORS_ORIGIN %v: the origin is %q, want %q", headers[0], c.origin, c.configured, origin, c.allowed)
			}
			if credentials != c.credential {
				t.Errorf("%s from %s with CORS_ORIGIN %v: the credentials are %q, want %q", headers[0], c.origin, c.configured, credentials, c.credential)
			}
			if !vary {
				t.Errorf("%s from %s with CORS_ORIGIN %v: Vary is false, want true", headers[0], c.origin, c.configured)
			}
		}
	}
}
