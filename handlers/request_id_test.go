package handlers

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"frontdesk/internal/requestid"
)

// failing returns the same desk with a route, /ready, that fails with err, and its log.
func (a *app) failing(err error) (b *app, log *bytes.Buffer) {
	log = new(bytes.Buffer)
	return a.again(Config{Log: slog.New(requestid.Handler(slog.NewTextHandler(log, nil))), Ready: func(context.Context) error { panic(err) }}), log
}

// idOf returns the id of the request that was answered.
func idOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	id := resp.Header.Get("X-Request-Id")
	if id == "" {
		t.Fatalf("the answer with the status %d has no id", resp.StatusCode)
	}
	return id
}

func TestErrorPagesShowTheIdOfTheirRequest(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	a.exec("alter table ticket_reads rename to away") // so that lists of tickets fail
	for path, status := range map[string]int{"/no/such/page": 404, "/admin/users": 403, "/tickets": 500} {
		got := ana.get(path)
		if got.StatusCode != status {
			t.Errorf("%s: got the status %d, want %d", path, got.StatusCode, status)
		}
		if shown, id := got.text(".problem code"), idOf(t, got.Response); shown != id {
			t.Errorf("%s: the page shows the reference %q, want %q", path, shown, id)
		}
	}
	cross := ana.post("/tickets", nil, "Origin", "https://elsewhere.example")
	shown, id := cross.text(".problem code"), idOf(t, cross.Response)
	cross.wants(t, 403)
	if shown != id {
		t.Errorf("the page shows the reference %q, want %q", shown, id)
	}
}

func TestAFailureIsLoggedWithTheReferenceOfItsPage(t *testing.T) {
	a, log := newApp(t).failing(errors.New("boom"))
	got := a.visitor().get("/ready").wants(t, 500, "tell us the reference")
	if want := "request_id=" + got.text(".problem code"); !strings.Contains(lineWith(log.String(), "boom"), want) {
		t.Errorf("the entry has no %s: %s", want, log)
	}
	partial := a.visitor().get("/ready", htmx...)
	if id := idOf(t, partial.Response); !strings.Contains(partial.body, "Reference: "+id) {
		t.Errorf("the text of the toast is %q, want the reference %s in it", partial.body, id)
	}
	script := a.visitor().get("/ready", "Accept", "application/json")
	if id := idOf(t, script.Response); !strings.Contains(script.body, "Reference: "+id) {
		t.Errorf("the answer to a script is %q, want the reference %s in it", script.body, id)
	}
}

// lineWith returns the first line of text that contains a part.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

func TestFailuresOfTheAPICarryTheIdOfTheirRequest(t *testing.T) {
	a := newApp(t)
	var log bytes.Buffer
	b := a.again(Config{TokenKeys: testKeys, Log: slog.New(requestid.Handler(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))})
	ana := b.customer("Ana").program()
	idOf(t, ana.send("GET", "/tickets/999", nil).wants(403).Response)
	a.exec("alter table tickets rename to away")
	id := idOf(t, ana.send("GET", "/tickets/1", nil).wants(500).Response)
	for _, event := range []string{`msg="request failed"`, "msg=request method=GET path=/api/tickets/1"} {
		if line := lineWith(log.String(), event); !strings.Contains(line, "request_id="+id) {
			t.Errorf("the entry %q has no request_id=%s", line, id)
		}
	}
}

func TestTheIdOfATrustedProxyIsUsedIfItIsSafe(t *testing.T) {
	a := newApp(t)
	b := a.again(Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	const sent = "6f1c2a9e-3b7d-4c55-9f0e-2d8a7b6c5e4f"
	if got := idOf(t, b.visitor().get("/login", "X-Request-Id", sent).Response); got != sent {
		t.Errorf("got the id %q, want that of the proxy", got)
	}
	for _, unsafe := range []string{"<script>alert(1)</script>", strings.Repeat("a", 65), "short", "with space in it"} {
		if got := idOf(t, b.visitor().get("/login", "X-Request-Id", unsafe).Response); got == unsafe {
			t.Errorf("the id %q is used", unsafe)
		}
	}
	if got := idOf(t, a.visitor().get("/login", "X-Request-Id", sent).Response); got == sent {
		t.Error("the id of an unknown client is used")
	}
}

func TestSecretsInPathsAreNotInTheEntryOfAFailure(t *testing.T) {
	a := newApp(t)
	b, log := a.failing(nil)
	a.exec("alter table invitations rename to away")
	b.visitor().get("/invitations/a-secret-of-an-invitation").wants(t, 500)
	if !strings.Contains(log.String(), `msg="request failed"`) {
		t.Errorf(`the log is %q, want it with msg="request failed"`, log.String())
	}
	if strings.Contains(log.String(), "a-secret-of") {
		t.Errorf(`the log is %q, want it without "a-secret-of"`, log.String())
	}
}
