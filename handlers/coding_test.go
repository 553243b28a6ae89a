package handlers

import (
	"strings"
	"testing"
)

// Pages, the API, its lists and static files read Accept-Encoding with the same function.
// The test requests each of them with every header.
func TestEveryAnswerHasACodingThatItsClientAccepts(t *testing.T) {
	a := newApp(t, unlimited)
	c := a.customer("Ana")
	ana := c.program()
	for range 40 {
		ana.send("POST", "/tickets", obj{"subject": "A lamp", "description": strings.Repeat("It went out. ", 200)}).wants(201)
	}
	static := c.get("/tickets").doc.Find("link[rel=stylesheet]").AttrOr("href", "")
	long := obj{"text": strings.Repeat("It went out. ", 200)}
	gets := map[string]func(header string) string{
		"a page":        func(h string) string { return c.get("/tickets", "Accept-Encoding", h).Header.Get("Content-Encoding") },
		"a failed page": func(h string) string { return c.get("/tickets/0", "Accept-Encoding", h).Header.Get("Content-Encoding") },
		"a list": func(h string) string {
			return ana.send("GET", "/tickets?limit=10", nil, "Accept-Encoding", h).Header.Get("Content-Encoding")
		},
		"a streamed one": func(h string) string {
			return ana.send("GET", "/tickets", nil, "Accept-Encoding", h).Header.Get("Content-Encoding")
		},
		"a ticket": func(h string) string {
			return ana.send("GET", "/tickets/1", nil, "Accept-Encoding", h).Header.Get("Content-Encoding")
		},
		"a new comment": func(h string) string {
			return ana.send("POST", "/tickets/1/comments", long, "Accept-Encoding", h).Header.Get("Content-Encoding")
		},
		"a stylesheet": func(h string) string { return c.get(static, "Accept-Encoding", h).Header.Get("Content-Encoding") },
	}
	for header, want := range map[string]string{
		"gzip": "gzip", "x-gzip": "gzip", "deflate, gzip;q=0.5": "gzip", "identity;q=0.5, gzip": "gzip", "identity;q=0, gzip": "gzip",
		"zstd;q=0.5, gzip": "gzip", "zstd;q=0, gzip": "gzip", "identity": "", "gzip;q=0": "", "gzip;q=0.0": "", "gzip; q=0": "", "*;q=0": "", "identity, gzip;q=0.5": "", "deflate": "", "gzip;q=0, deflate;q=1": "", "identity;q=0": "", "notgzip": "",
	} {
		for what, get := range gets {
			if got := get(header); got != want {
				t.Errorf("%s for %q: Content-Encoding is %q, want %q", what, header, got, want)
			}
		}
	}
	delete(gets, "a stylesheet") // stylesheets have brotli and no zstd
	for _, header := range []string{"zstd", "gzip, zstd", "gzip, deflate, br, zstd", "*", "gzip;q=0.5, *", "gzip;q=0, zstd;q=0.1", "identity;q=0, *"} {
		for what, get := range gets {
			if got := get(header); got != "zstd" {
				t.Errorf("%s for %q: Content-Encoding is %q, want zstd", what, header, got)
			}
		}
	}
	if got := ana.send("GET", "/tickets/0", nil, "Accept-Encoding", "identity;q=0, gzip").Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("a short failure for a client that refuses identity: Content-Encoding is %q, want gzip", got)
	}
}

func TestARequestThatPrefersJSONGetsJSON(t *testing.T) {
	a := newApp(t)
	nobody := a.visitor()
	for accept, script := range map[string]bool{
		"application/json": true, "application/json, text/plain, */*": true, "Application/JSON": true, "text/plain, application/json": true, "text/html;q=0.5, application/json": true,
		"": false, "*/*": false, "application/json;q=0": false, "application/json; q=0.0, */*": false, "text/html": false, "text/html, application/json": false, "application/*": false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": false, "application/jsonx": false,
	} {
		got := nobody.get("/tickets", "Accept", accept)
		if (got.StatusCode == 401) != script {
			t.Errorf("Accept: %q: got %d, want 401: %t", accept, got.StatusCode, script)
		}
	}
}
