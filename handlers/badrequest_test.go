package handlers

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// These tests send requests that no browser sends: unusual addresses, methods, bodies and
// cookies. Each gets an answer below 500 and changes nothing.

// unchanged calls f and fails the test if f changes the database.
func (c clients) unchanged(t *testing.T, f func()) {
	t.Helper()
	a := c["admin"].app
	before := a.data() // without the limits, which count refused requests too
	f()
	if what := before.differs(a.data()); what != "" {
		t.Errorf("the requests changed %s", what)
	}
}

func TestMalformedIDsAreNotFound(t *testing.T) {
	c := newClients(t)
	ids := []string{"0", "-1", "+1", "01", "1.0", "1.5", "1e0", "0x1", "1_0", "99999999999999999999", "9223372036854775807", "9223372036854775808",
		"%2e", "%2e%2e", "%2e%2e%2f1", "1%2f", "1%00", "%00", "%ff", "1%20", "%201", "1%0a", "1;", "1'", "1--", "1,2", "%D9%A1", "%EF%BC%91", "null", "true",
		"*", "%25", "1%252e", strings.Repeat("1", 5000)}
	everything, own := url.Values{}, map[string]url.Values{}
	for _, to := range targets {
		maps.Copy(everything, to.good)
		own[to.path] = to.good
	}
	c.unchanged(t, func() {
		for _, r := range withoutDesk().pageRoutes() {
			if !strings.Contains(r.Path, ":") {
				continue
			}
			form := maps.Clone(everything)
			maps.Copy(form, own[strings.NewReplacer(":id", "1", ":user", "1").Replace(r.Path)])
			for _, id := range ids {
				at := strings.NewReplacer(":id", id, ":name", id).Replace(r.Path)
				got := c["admin"].send(r.Method, at, strings.NewReader(form.Encode()), "Content-Type", encoded)
				got.sound(t, at)
				if got.StatusCode != http.StatusNotFound {
					t.Errorf("%s %.80s: %d", r.Method, at, got.StatusCode)
				}
			}
		}
	})
}

// cursors has cursors of lists that the desk never returned.
var cursors = map[string]string{
	"zero bytes":  base64.RawURLEncoding.EncodeToString(make([]byte, 18)),
	"full bytes":  base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff", 18))),
	"far future":  base64.RawURLEncoding.EncodeToString([]byte("\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff")),
	"far past":    base64.RawURLEncoding.EncodeToString([]byte("\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")),
	"no priority": base64.RawURLEncoding.EncodeToString([]byte("\x03\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")),
	"too long":    base64.RawURLEncoding.EncodeToString(make([]byte, 4000)),
	"a user's":    "admin.9223372036854775807",
	"nobody's":    "root.1",
	"trash":       "253370764799999999-9223372036854775807",
	"trash, past": "-1--1",
	"largest":     "9223372036854775807",
	"smallest":    "-9223372036854775808",
}

func TestBadInputInQueriesIsHandled(t *testing.T) {
	c := newClients(t)
	values := maps.Clone(hostile)
	values["combining marks"] = "a" + strings.Repeat("\u0301", 1000) // eight of them fit in one header
	values["far too much"] = strings.Repeat("a", 10_000)
	values["operators"] = `'); drop table users; -- & | ! <-> :* \ % _ " (`
	queries := map[string][]string{
		"/tickets":     {"q", "status", "category", "priority", "requester", "sort", "after", "before"},
		"/dashboard":   {"q", "status", "category", "priority", "requester", "sort", "after", "before"},
		"/admin/users": {"q", "show", "after", "before"}, "/admin/trash": {"after"},
		"/tickets/1": {"before", "at", "q", "status", "category", "priority", "requester", "sort"}, "/tickets/1/events": {"after"}, "/account": {"any"},
	}
	ask := func(t *testing.T, path string, query url.Values, what string) {
		t.Helper()
		c["admin"].get(path+"?"+query.Encode(), unpacked...).wants(t, 200).sound(t, path+" with "+what)
	}
	for path, names := range queries {
		for what, value := range values {
			all := url.Values{}
			for _, name := range names {
				all.Set(name, value)
				ask(t, path, url.Values{name: {value}}, name+": "+what)
			}
			ask(t, path, all, "all: "+what)
		}
		for what, value := range cursors {
			for _, name := range []string{"before", "after"} {
				for _, sort := range []string{"", "urgent"} {
					ask(t, path, url.Values{name: {value}, "sort": {sort}, "q": {"ticket"}}, sort+" "+name+": "+what)
				}
			}
		}
		for _, raw := range []string{"q=%zz", "q=%", "a;b", "&&&", "=", "q=1&q=2", "q[]=1", strings.Repeat("q=a&", 11_000)} {
			c["admin"].get(path+"?"+raw).wants(t, 200).sound(t, path+"?"+raw[:min(len(raw), 9)])
		}
	}
	for what, value := range values {
		for _, path := range []string{"/login", "/register"} {
			c["visitor"].get(path+"?next="+url.QueryEscape(value)).wants(t, 200).sound(t, path+": "+what)
		}
	}
}

func TestAChangeWithAWrongVersionIsRefused(t *testing.T) {
	c := newClients(t)
	edit := fields("subject", "S", "description", "D", "category", "2", "priority", "High")
	triage := fields("status", "CLOSED", "priority", "High", "category", "2")
	c.unchanged(t, func() {
		for _, version := range []string{"none", "", "0", "-1", "2", "1.0", "+ 1", "1e0", "0x1", "١", "2147483648", "4294967297", "99999999999999999999", "NaN", "1 or 1=1"} {
			for path, form := range map[string]url.Values{"/tickets/1": edit, "/tickets/1/triage": triage} {
				form.Set("version", version)
				if version == "none" {
					form.Del("version")
				}
				if got := c["admin"].post(path, form); got.StatusCode != 409 && got.StatusCode != 422 {
					t.Errorf("%s under %q: %d", path, version, got.StatusCode)
				}
			}
		}
	})
}

func TestOtherMethodsAreRefused(t *testing.T) {
	c := newClients(t)
	takes, forms := map[string][]string{}, map[string]string{}
	for _, r := range withoutDesk().pageRoutes() {
		at := strings.NewReplacer(":id", "1", ":name", strings.Repeat("a", 26)).Replace(r.Path)
		takes[at] = append(takes[at], r.Method)
		forms[at] = cmp.Or(r.Form, forms[at], "/")
	}
	c.unchanged(t, func() {
		for at, own := range takes {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW", "post", "Get"} {
				if slices.Contains(own, method) {
					continue
				}
				got := c["admin"].send(method, at, strings.NewReader("role=customer"), "X-HTTP-Method-Override", "POST", "Content-Type", "application/x-www-form-urlencoded")
				got.sound(t, method+" "+at)
				if method == http.MethodGet && got.StatusCode == http.StatusSeeOther && got.Header.Get("Location") == strings.NewReplacer(":id", "1", ":name", strings.Repeat("a", 26)).Replace(forms[at]) {
					continue // a GET of a form's address redirects to its page
				}
				// For another method, a path such as /tickets/new also matches /tickets/:id.
				if got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound && method != http.MethodOptions {
					t.Errorf("%s %s: %d", method, at, got.StatusCode)
				}
			}
		}
	})
}

func TestBadInputInCookiesAndHeadersIsHandled(t *testing.T) {
	c := newClients(t)
	token := strings.TrimPrefix(c["customer"].cookie(), "frontdesk_session=")
	forged := "ok." + base64.RawURLEncoding.EncodeToString([]byte(markup+"\xff\x00"))
	c.unchanged(t, func() {
		for what, cookie := range map[string]string{
			"none": "frontdesk_session=", "garbage": "frontdesk_session=%00\xff\xfe", "half": "frontdesk_session=" + token[:20],
			"one sign more": "frontdesk_session=" + token + "a", "another case": "frontdesk_session=" + strings.ToLower(token), "quoted": `frontdesk_session="` + token[1:] + `"`,
			"4 KB": "frontdesk_session=" + strings.Repeat("a", 4096), "500 KB": "frontdesk_session=" + strings.Repeat("a", 500_000),
			"10,000 of them": strings.Repeat("frontdesk_session=x; ", 10_000), "a word that is none": "frontdesk_flash=ok.@@@", "a forged word": "frontdesk_flash=" + forged,
			"a forged tone": "frontdesk_flash=xss" + forged, "a theme": `frontdesk_theme="><xss>`, "no name": "=; ;;=", "the hash": "frontdesk_session=" + fmt.Sprintf("%064x", 1),
			"SQL": "frontdesk_session=' or true --",
		} {
			c["visitor"].get("/login", "Cookie", cookie).wants(t, 200).sound(t, what)
			c["visitor"].get("/tickets/1", "Cookie", cookie).wants(t, 303).sound(t, what)
			c["visitor"].post("/tickets", aForm("k"), "Cookie", cookie).wants(t, 303).sound(t, what)
		}
		for name, value := range map[string]string{
			"User-Agent": strings.Repeat("é\xff", 5000), "Accept-Encoding": "gzip;q=xss,,,", "Accept": "xss/*", "Range": "bytes=9-1,-0", "If-Modified-Since": "xss",
			"X-Forwarded-For": "xss, ::1, 999.1.1.1", "Forwarded": "for=xss", "X-Real-IP": "xss", "X-Forwarded-Host": "xss.example", "Accept-Language": strings.Repeat("a-", 50_000),
			"HX-Request-Type": "xss", "HX-Current-URL": "javascript:xss", "HX-Target": markup, "Referer": "::xss", "Expect": "xss", "Upgrade": "websocket",
		} {
			got := c["customer"].get("/tickets", name, value)
			if name != "Accept-Encoding" { // else the answer is compressed
				got.sound(t, name)
			}
			if got.StatusCode != 200 && name != "Expect" {
				t.Errorf("%s: %d", name, got.StatusCode)
			}
		}
	})
	c["customer"].post("/login", fields("email", "ana@example.org", "password", password), "User-Agent", strings.Repeat("é\xff", 5000)).wants(t, 303)
	c["customer"].get("/account").wants(t, 200).sound(t, "the list of devices")
}
