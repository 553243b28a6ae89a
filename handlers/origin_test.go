package handlers

import (
	"bytes"
	"encoding/json"
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
		if got := signInFrom(h, headers...); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "address is not set up") {
			t.Errorf("%v: got %d: %s", headers, got.Code, got.Body)
		}
		signInFrom(h, headers...)
		found := refusals(t, out)
		if len(found) != 1 {
			t.Fatalf("%v: got %d lines for two requests within a minute, want 1: %s", headers, len(found), out)
		}
		if e := found[0]; e["origin"] != "http://desk.example.org" || e["host"] != "127.0.0.1:4000" || !strings.Contains(e["advice"].(string), "set PUBLIC_URL") {
			t.Errorf("%v: the log has %v", headers, e)
		}
	}
}

func TestAnotherAddressOfTheDeskLinksToThePublicURL(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "https://desk.example.org")
	got := signInFrom(h, "Origin", "http://old.example.org")
	if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "https://desk.example.org") || strings.Contains(got.Body.String(), "old.example.org") {
		t.Errorf("got %d: %s", got.Code, got.Body)
	}
	if found := refusals(t, out); len(found) != 1 || found[0]["public_url"] != "https://desk.example.org" {
		t.Errorf("the log has %s", out)
	}
}

func TestACrossSiteRequestIsNotReportedAsAConfigurationError(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "")
	for _, headers := range [][]string{{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}, {}} {
		if got := signInFrom(h, headers...); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "another site") {
			t.Errorf("%v: got %d: %s", headers, got.Code, got.Body)
		}
	}
	if found := refusals(t, out); len(found) != 0 {
		t.Errorf("the log has %s", out)
	}
}

func TestASocketOfAnUnknownOriginIsReportedInTheLog(t *testing.T) {
	a := newApp(t)
	h, out := loggingServer(t, a, "")
	ana := a.customer("Ana")
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4000/tickets/live", nil)
	u, err := url.Parse(a.srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range ana.http.Jar.Cookies(u) {
		r.AddCookie(c)
	}
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": "https://127.0.0.1:4000", "Sec-Fetch-Site": "same-origin"} {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("got %d, want 403", w.Code)
	}
	if found := refusals(t, out); len(found) != 1 || found[0]["origin"] != "https://127.0.0.1:4000" {
		t.Errorf("the log has %s", out)
	}
}
