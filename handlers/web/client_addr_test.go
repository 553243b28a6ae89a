package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestTheClientAddressIsReadFromProxyHeaders(t *testing.T) {
	t.Parallel()
	a := newClientAddresses([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::ffff:192.168.0.0/112"), netip.MustParsePrefix("fd00::/8")}, nil)
	for _, c := range []struct {
		peer    string
		headers []string
		want    string
		useless bool
	}{
		{"10.0.0.1:80", []string{"203.0.113.7"}, "203.0.113.7", false},
		{"10.0.0.1:80", []string{"203.0.113.7:51234"}, "203.0.113.7", false},
		{"10.0.0.1:80", []string{"[2001:db8::7]:51234"}, "2001:db8::7", false},
		{"10.0.0.1:80", []string{"[2001:db8::7]"}, "2001:db8::7", false},
		{"10.0.0.1:80", []string{`"[2001:db8::7]:51234"`}, "2001:db8::7", false},
		{"10.0.0.1:80", []string{"2001:db8::7"}, "2001:db8::7", false},
		{"10.0.0.1:80", []string{"fe80::7%eth0"}, "fe80::7", false},
		{"10.0.0.1:80", []string{"::ffff:203.0.113.7"}, "203.0.113.7", false},
		{"[::ffff:10.0.0.1]:80", []string{"203.0.113.7"}, "203.0.113.7", false},
		{"192.168.0.9:80", []string{"203.0.113.7"}, "203.0.113.7", false},
		{"[fd00::1%eth0]:80", []string{"203.0.113.7"}, "203.0.113.7", false},
		{"10.0.0.1:80", []string{"rubbish, 203.0.113.7:1, 10.0.0.2:443"}, "203.0.113.7", false},
		{"10.0.0.1:80", []string{"198.51.100.1", "203.0.113.7, , "}, "203.0.113.7", false},
		{"10.0.0.1:80", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3", false},
		{"10.0.0.1:80", []string{"203.0.113.7, unknown"}, "10.0.0.1", true},
		{"10.0.0.1:80", []string{"203.0.113.7, 999.1.1.1"}, "10.0.0.1", true},
		{"10.0.0.1:80", []string{"203.0.113.7:port"}, "10.0.0.1", true},
		{"10.0.0.1:80", nil, "10.0.0.1", true},
		{"203.0.113.9:80", []string{"198.51.100.1"}, "203.0.113.9", false},
		{"203.0.113.9:80", []string{"rubbish"}, "203.0.113.9", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.headers
		got, useless := a.of(r)
		if got.String() != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.peer, c.headers, got.String(), c.want)
		}
		if useless != c.useless {
			t.Errorf("%s with %q: useless is %t, want %t", c.peer, c.headers, useless, c.useless)
		}
	}
}
