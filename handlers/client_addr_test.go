package handlers

import (
	"bytes"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

func TestClientsBehindAProxyThatAddsPortsHaveSeparateLimits(t *testing.T) {
	limits := limit.Defaults
	limits.SignIn = limit.Limit{N: 1, Per: time.Hour}
	a := newApp(t, func(o *desk.Options) { o.Limits = limits })
	b := a.again(Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	try := func(from string) int {
		return b.visitor().post("/login", url.Values{"email": {from + "@example.org"}, "password": {"x"}}, "X-Forwarded-For", from).StatusCode
	}
	for _, from := range []string{"203.0.113.7:51234", "203.0.113.8:51234", "[2001:db8:1::7]:51234", "[2001:db8:2::7]:51234"} {
		if got := try(from); got != 401 {
			t.Errorf("the first sign-in from %s: got %d, want 401", from, got)
		}
	}
	if got := try("203.0.113.7:60000"); got != 429 {
		t.Errorf("the second sign-in from 203.0.113.7: got %d, want 429", got)
	}
}

func TestAProxyWithoutAClientAddressIsLoggedOnce(t *testing.T) {
	a := newApp(t)
	var log bytes.Buffer
	b := a.again(Config{Log: slog.New(slog.NewTextHandler(&log, nil)), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for _, from := range []string{"unknown", "_hidden", ""} {
		b.visitor().post("/login", url.Values{"email": {"ana@example.org"}, "password": {"x"}}, "X-Forwarded-For", from).wants(t, 401)
	}
	const line = `msg="client address unknown" proxy=127.0.0.1:`
	if n := strings.Count(log.String(), line); n != 1 {
		t.Errorf("got %d warnings, want 1: %s", n, log.String())
	}
}
