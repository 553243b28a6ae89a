package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"frontdesk/db"
)

// loggingServer returns another server of the desk of a, and its log.
func loggingServer(t *testing.T, a *app, publicURL string) (*Server, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := New(Config{Desk: a.desk, Log: log, DeskName: "Frontdesk", PublicURL: publicURL, Bus: db.NewBus(a.pool, log), TokenKeys: [][]byte{[]byte("a key of thirty-two bytes, or more")}})
	if err != nil {
		t.Fatal(err)
	}
	return h, &out
}

// signInFrom posts the sign-in form as a proxy that rewrites Host forwards it.
func signInFrom(h *Server, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4000/login", strings.NewReader(url.Values{"email": {"a@example.org"}, "password": {"x"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// openSocketFrom sends the handshake of a socket of a page of the given origin.
func openSocketFrom(h *Server, c *client, origin string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4000/tickets/live", nil)
	u, err := url.Parse(c.app.srv.URL)
	if err != nil {
		c.app.t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(u) {
		r.AddCookie(cookie)
		cookie.Name = "__Host-" + cookie.Name // on a desk with TLS
		r.AddCookie(cookie)
	}
	headers = append(headers, "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==", "Origin", origin)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// refusals returns the lines of a log about refused origins.
func refusals(t *testing.T, out *bytes.Buffer) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(out.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		if entry["msg"] == "origin refused" {
			found = append(found, entry)
		}
	}
	return found
}

func TestAnUnknownOriginIsReportedInTheLogAndOnThePage(t *testing.T) {
	a := newApp(t)
	for _, headers := range [][]string{
		{"Origin", "http://desk.example.org"},
		{"Referer", "http://desk.example.org/login"},
		{"Origin", "http://desk.example.org", "Sec-Fetch-Site", ""},
	} {
		h, out := loggingServer(t, a, "")
		got := signInFrom(h, headers...)
		if got.Code != http.StatusForbidden {
			t.Errorf("%v: the status is %d, want %d", headers, got.Code, http.StatusForbidden)
		}
		if !strings.Contains(got.Body.String(), "address is not set up") {
			t.Errorf(`%v: the body is %s, want it with "address is not set up"`, headers, got.Body.String())
		}
		signInFrom(h, headers...)
		found := refusals(t, out)
		if len(found) != 1 {
			t.Fatalf("%v: got %d lines for two requests within a minute, want 1: %s", headers, len(found), out)
		}
		e := found[0]
		if e["origin"] != "http://desk.example.org" {
			t.Errorf(`%v: origin is %v, want "http://desk.example.org"`, headers, e["origin"])
		}
		if e["host"] != "127.0.0.1:4000" {
			t.Errorf(`%v: host is %v, want "127.0.0.1:4000"`, headers, e["host"])
		}
		if got := e["advice"].(string); !strings.Contains(got, "set PUBLIC_URL") {
			t.Errorf(`%v: got %q, want it with "set PUBLIC_URL"`, headers, got)
		}
	}
}

func TestTheReportOfAnUnknownOriginHasNoTokenOfALink(t *testing.T) {
	a := newApp(t)
	for _, page := range []string{"/register/", "/invitations/", "/password/", "/email/"} {
		h, out := loggingServer(t, a, "")
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4000"+page+"SECRET", nil)
		r.Header.Set("Origin", "http://desk.example.org")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		found := refusals(t, out)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: the status is %d, want %d", page, w.Code, http.StatusForbidden)
		}
		if len(found) != 1 {
			t.Fatalf("%s: got %d elements, want 1: %v", page, len(found), found)
		}
		if found[0]["path"] != page+":token" {
			t.Errorf("%s: path is %v, want %v", page, found[0]["path"], page+":token")
		}
		if strings.Contains(out.String(), "SECRET") {
			t.Errorf(`%s: got %q, want it without "SECRET"`, page, out.String())
		}
	}
}

func TestAnotherAddressOfTheDeskLinksToThePublicURL(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "https://desk.example.org")
	got := signInFrom(h, "Origin", "http://old.example.org")
	if got.Code != http.StatusForbidden {
		t.Errorf("the status is %d, want %d", got.Code, http.StatusForbidden)
	}
	if !strings.Contains(got.Body.String(), "https://desk.example.org") {
		t.Errorf(`the body is %s, want it with "https://desk.example.org"`, got.Body.String())
	}
	if strings.Contains(got.Body.String(), "old.example.org") {
		t.Errorf(`the body is %s, want it without "old.example.org"`, got.Body.String())
	}
	found := refusals(t, out)
	if len(found) != 1 {
		t.Fatalf("got %d elements, want 1: %v", len(found), found)
	}
	if found[0]["public_url"] != "https://desk.example.org" {
		t.Errorf(`public_url is %v, want "https://desk.example.org"`, found[0]["public_url"])
	}
}

func TestAPageOfTheDeskWithoutTLSActsOnNothingIfThePublicURLHasTLS(t *testing.T) {
	a := newApp(t)
	h, _ := loggingServer(t, a, "https://127.0.0.1:4000")
	for _, header := range []string{"Origin", "Referer"} {
		if got := signInFrom(h, header, "http://127.0.0.1:4000/login"); got.Code != http.StatusForbidden {
			t.Errorf("a form with a %s without TLS: got %d, want 403", header, got.Code)
		}
		if got := signInFrom(h, header, "https://127.0.0.1:4000/login"); got.Code != http.StatusUnauthorized {
			t.Errorf("a form with a %s with TLS: got %d, want 401 for the password", header, got.Code)
		}
	}
	w := openSocketFrom(h, a.customer("Ana"), "http://127.0.0.1:4000")
	if w.Code != http.StatusForbidden {
		t.Errorf("a socket of a page without TLS: got %d, want 403", w.Code)
	}
}

func TestACrossSiteRequestIsNotReportedAsAConfigurationError(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "")
	for _, headers := range [][]string{{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}, {}} {
		got := signInFrom(h, headers...)
		if got.Code != http.StatusForbidden {
			t.Errorf("%v: the status is %d, want %d", headers, got.Code, http.StatusForbidden)
		}
		if !strings.Contains(got.Body.String(), "another site") {
			t.Errorf(`%v: the body is %s, want it with "another site"`, headers, got.Body.String())
		}
	}
	if found := refusals(t, out); len(found) != 0 {
		t.Errorf("the log has %s", out)
	}
}

func TestASocketOfAnUnknownOriginIsReportedInTheLog(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "")
	w := openSocketFrom(h, a.customer("Ana"), "https://127.0.0.1:4000", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d, want 403", w.Code)
	}
	found := refusals(t, out)
	if len(found) != 1 {
		t.Fatalf("got %d elements, want 1: %v", len(found), found)
	}
	if found[0]["origin"] != "https://127.0.0.1:4000" {
		t.Errorf(`origin is %v, want "https://127.0.0.1:4000"`, found[0]["origin"])
	}
}

// posts sends a form with the cookies of a client and the given headers, and returns the status.
func (c *client) posts(address string, headers ...string) int {
	c.app.t.Helper()
	r, err := http.NewRequestWithContext(c.app.t.Context(), http.MethodPost, c.app.srv.URL+address, strings.NewReader("text=Hello"))
	if err != nil {
		c.app.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.http.Do(r)
	if err != nil {
		c.app.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestAFormWithoutRefererNeedsTheProofOfItsSession(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	at := fmt.Sprintf("/tickets/%d", a.opensTicket(ana, "Mine"))
	page := priya.get(at + "?status=OPEN")
	action := page.doc.Find("#reply form").AttrOr("action", "")
	u, err := url.Parse(action)
	if err != nil || u.Query().Get("proof") == "" {
		t.Fatalf("the form has no proof: %s, %v", action, err)
	}
	priya.get(at).lacksElements(t, "form[action*=proof]")
	priya.get(at+"?status=OPEN", "Sec-Fetch-Site", "same-origin").lacksElements(t, "form[action*=proof]")
	forged := strings.Replace(action, "proof="+u.Query().Get("proof"), "proof=AAAA", 1)
	others := tom.get(at+"?status=OPEN").doc.Find("#reply form").AttrOr("action", "")
	for _, c := range []struct {
		what, address string
		headers       []string
		want          int
	}{
		{"the proof", action, nil, http.StatusSeeOther},
		{"no proof", at + "/comments", nil, http.StatusForbidden},
		{"a forged proof", forged, nil, http.StatusForbidden},
		{"an empty proof", at + "/comments?proof=", nil, http.StatusForbidden},
		{"the proof of another session", others, nil, http.StatusForbidden},
		{"the proof and a foreign Referer", action, []string{"Referer", "https://evil.example/"}, http.StatusForbidden},
		{"the proof and a foreign Origin", action, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"the proof from another site", action, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
	} {
		if got := priya.posts(c.address, c.headers...); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
	got := priya.follow(priya.post(action, url.Values{"text": {"More"}}))
	if strings.Contains(got.body, "proof=&") {
		t.Errorf(`the page after the form has no form: the body is %s, want it without "proof=&"`, got.body)
	}
	got.wantsElements(t, "#reply")
	if to := priya.post(action, url.Values{"text": {"Again"}}).Header.Get("Location"); strings.Contains(to, "proof") {
		t.Errorf("the proof is in the address of the next page: %s", to)
	}
}
