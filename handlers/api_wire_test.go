package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestAnUnknownAPIRouteIsAnsweredInJSON(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	for _, p := range []*apiClient{ana, {app: a}} {
		for _, path := range []string{"", "/", "/nothing", "/tickets/1/nothing", "/TICKETS", "/tickets//", "/auth", "/v2/tickets", "/%00", "/docs/x", "//tickets", "/tickets/1/2/3", "/openapi.yaml"} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} {
				got := p.send(method, path, nil)
				if got.StatusCode != 404 && got.StatusCode != 405 {
					t.Errorf("%s /api%s: got %d %.100s", method, path, got.StatusCode, got.body)
				}
			}
		}
		for route, allow := range map[string]string{
			"PUT /tickets": "GET HEAD POST", "DELETE /auth/login": "POST", "POST /tickets/1": "DELETE GET HEAD PUT", "GET /tickets/1/status": "PATCH",
			"GET /ws-ticket": "POST", "POST /health": "GET HEAD", "PATCH /docs": "GET HEAD", "TRACE /tickets": "GET HEAD POST",
		} {
			method, path, _ := strings.Cut(route, " ")
			got := p.send(method, path, nil)
			if got.StatusCode != 405 {
				t.Errorf("%s: got %d", route, got.StatusCode)
				continue
			}
			for _, one := range strings.Fields(allow) {
				if !strings.Contains(got.Header.Get("Allow"), one) {
					t.Errorf("%s allows %q, want %s", route, got.Header.Get("Allow"), allow)
				}
			}
		}
	}
}

func TestBrowsersOfConfiguredOriginsMayCallTheAPI(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	ana := c.program()
	allowed := "https://app.example.org"
	for _, path := range []string{"/tickets", "/nothing", "/tickets/0", "/openapi.json"} {
		got := ana.send("GET", path, nil, "Origin", allowed)
		h := got.Header
		if got := h.Get("Access-Control-Allow-Origin"); got != allowed {
			t.Errorf("%s: Access-Control-Allow-Origin is %q, want %q", path, got, allowed)
		}
		if got := strings.Join(h.Values("Vary"), ","); !strings.Contains(got, "Origin") {
			t.Errorf(`%s: got %q, want it with "Origin"`, path, got)
		}
		if got := h.Get("Access-Control-Expose-Headers"); !strings.Contains(got, "ETag") {
			t.Errorf(`%s: Access-Control-Expose-Headers is %q, want it with "ETag"`, path, got)
		}
		if h.Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("%s: Access-Control-Allow-Credentials is %q, want true", path, h.Get("Access-Control-Allow-Credentials"))
		}
	}
	for _, origin := range []string{"https://evil.example", "https://app.example.org.evil.example", "http://app.example.org", "https://app.example.org:8443", "null", "https://APP.example.org/"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			h := ana.send(method, "/tickets", nil, "Origin", origin, "Access-Control-Request-Method", "POST").Header
			wantsHeaders(t, method+" from "+origin, h, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Methods": ""})
			if _, _, vary := corsOf(h); !vary {
				t.Errorf("%s from %s: Vary is %q, want Origin in it", method, origin, h.Values("Vary"))
			}
		}
	}
	if h := ana.send("GET", "/tickets", nil).wants(200).Header; h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without an origin: %v", h)
	}
	nobody := &apiClient{app: a} // a preflight has no token
	got := nobody.send("OPTIONS", "/tickets/1", nil, "Origin", allowed, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,if-match").wants(204)
	wantsHeaders(t, "the preflight", got.Header, map[string]string{"Access-Control-Allow-Origin": allowed, "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600"})
	for name, part := range map[string]string{"Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "Authorization"} {
		if value := got.Header.Get(name); !strings.Contains(value, part) {
			t.Errorf("the preflight: %s is %q, want %s in it", name, value, part)
		}
	}
	// CORS does not include pages, and cookies give no access below /api.
	if h := c.get("/tickets", "Origin", allowed).Header; h.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another origin may read a page")
	}
	c.get("/api/tickets").wants(t, 401)
}

func TestAMatchingETagIsAnsweredWithNotModified(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	made := ana.send("POST", "/tickets", invoice).wants(201)
	one := fmt.Sprintf("/tickets/%d", made.number("id"))
	ana.send("POST", one+"/comments", obj{"text": "One"}).wants(201)
	ana.send("POST", one+"/messages", obj{"message": "Two"}).wants(201)
	for _, path := range []string{one, "/tickets?limit=5", one + "/comments?limit=5", one + "/messages?limit=5", "/tickets", one + "/comments", one + "/messages", "/openapi.json"} {
		tag := ana.send("GET", path, nil).wants(200).Header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no tag", path)
			continue
		}
		for _, has := range []string{tag, "W/" + strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
			got := ana.send("GET", path, nil, "If-None-Match", has).wants(304)
			if len(got.body) != 0 {
				t.Errorf("%s: got %d bytes, want 0: %q", path, len(got.body), got.body)
			}
			got.wantsHeader("ETag", tag)
		}
		ana.send("HEAD", path, nil, "If-None-Match", tag).wants(304)
		ana.send("GET", path, nil, "If-None-Match", `"other"`).wants(200)
	}
	before := ana.send("GET", one, nil).Header.Get("ETag")
	after := ana.send("PUT", one, obj{"priority": "Low"}).wants(200).Header.Get("ETag")
	if before == after {
		t.Error("the tag is the same after a change")
	}
	if got := ana.send("GET", one, nil, "If-None-Match", before).wants(200); got.get("priority") != "Low" {
		t.Errorf("after the change: %s", got.body)
	}
	ana.send("PUT", one, obj{"priority": "High"}, "If-Match", after).wants(200)
	if got := ana.send("PUT", one, obj{"priority": "Urgent"}, "If-Match", before).wants(409); got.get("ticket.priority") != "High" {
		t.Errorf("the answer to a stale change is %s", got.body)
	}
}

// An answer shows columns of several tables, and not every change increases the version of a
// ticket.
func TestAnETagChangesWithEveryShownField(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	one := fmt.Sprintf("/tickets/%d", ana.send("POST", "/tickets", invoice).wants(201).number("id"))
	ana.send("POST", "/tickets", obj{"subject": "Another", "description": "D"}).wants(201)
	ana.send("POST", one+"/comments", obj{"text": "One"}).wants(201)
	for _, change := range []string{
		"update users set username = 'Anna' where username = 'Ana'",
		"update categories set name = 'Invoices' where name = 'Billing'",
		"update tickets set deleted_at = now() where subject = 'Another'",
	} {
		paths := []string{one, "/tickets", one + "/comments"}
		before := map[string]reply{}
		for _, path := range paths {
			before[path] = ana.send("GET", path, nil).wants(200)
		}
		a.exec(change)
		for _, path := range paths {
			now := ana.send("GET", path, nil, "If-None-Match", before[path].Header.Get("ETag"))
			if same := bytes.Equal(ana.send("GET", path, nil).body, before[path].body); same != (now.StatusCode == 304) {
				t.Errorf("after %s: %s: got %d", change, path, now.StatusCode)
			}
		}
	}
}

func TestAnswersAreCompressedIfTheClientAcceptsIt(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	for range 12 {
		ana.send("POST", "/tickets", obj{"subject": "A lamp", "description": strings.Repeat("It went out. ", 40)}).wants(201)
	}
	for _, path := range []string{"/tickets", "/tickets?limit=10", "/openapi.json", "/docs"} {
		plain := ana.send("GET", path, nil, "Accept-Encoding", "identity").wants(200)
		if got := plain.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s without compression: Content-Encoding is %q", path, got)
		}
		for _, coding := range []string{"gzip", "zstd"} {
			small := ana.send("GET", path, nil, "Accept-Encoding", coding).wants(200)
			if got := small.Header.Get("Content-Encoding"); got != coding {
				t.Errorf("%s: Content-Encoding is %q, want %q", path, got, coding)
			}
			if len(small.body) > len(plain.body)/2 {
				t.Errorf("%s in %s: got %d bytes, want at most half of %d", path, coding, len(small.body), len(plain.body))
			}
			if !bytes.Equal(uncoded(t, small.Response, small.body), plain.body) {
				t.Errorf("%s in %s: got another answer than without compression", path, coding)
			}
			if got := strings.Join(small.Header.Values("Vary"), ","); !strings.Contains(got, "Accept-Encoding") {
				t.Errorf("%s: Vary is %q, want Accept-Encoding in it", path, got)
			}
		}
	}
}

// uncoded returns the decompressed body of an answer.
func uncoded(t *testing.T, got *http.Response, body []byte) []byte {
	t.Helper()
	raw, err := plainBody(got, body)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestHeadAnswersAsGetWithoutTheBody(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	one := fmt.Sprintf("/tickets/%d", ana.upload("POST", "/tickets", map[string]string{"subject": "A lamp", "description": "It is dark."}, map[string]string{"attachment": "dark"}).wants(201).number("id"))
	file := ana.send("GET", one, nil).get("attachment").(string)
	for _, path := range []string{"/health", "/tickets", "/tickets?limit=1", one, one + "/comments", one + "/messages", "/tickets/0", "/nothing", "/openapi.json", "/docs", file} {
		get, head := ana.send("GET", path, nil), ana.send("HEAD", path, nil)
		head.wants(get.StatusCode)
		if len(head.body) != 0 {
			t.Errorf("%s: got %d bytes, want 0: %q", path, len(head.body), head.body)
		}
		for _, name := range []string{"Content-Type", "ETag", "Link", "Cache-Control"} {
			if head.Header.Get(name) != get.Header.Get(name) {
				t.Errorf("%s: %s is %q, and %q for HEAD", path, name, get.Header.Get(name), head.Header.Get(name))
			}
		}
	}
	(&apiClient{app: a}).send("HEAD", "/tickets", nil).wants(http.StatusUnauthorized)
}

func TestTheAPIDocumentIsPublicAndSelfContained(t *testing.T) {
	a := newApp(t)
	got := a.visitor().get("/api/docs").wants(t, 200)
	if scripts := got.doc.Find("script").Length(); scripts != 0 {
		t.Errorf("the page has %d scripts", scripts)
	}
	for _, selector := range []string{"link[href]", "[src]", "use[href]"} {
		for _, node := range got.doc.Find(selector).EachIter() {
			for _, name := range []string{"href", "src"} {
				if address, has := node.Attr(name); has && !strings.HasPrefix(address, "/static/") {
					t.Errorf("the page loads %s", address)
				}
			}
		}
	}
	for path, item := range a.contract().doc.Paths.Map() {
		for method, op := range item.Operations() {
			section := got.doc.Find(`section[aria-labelledby="` + op.OperationID + `"]`)
			text := section.Text()
			if got := section.Length(); got != 1 {
				t.Errorf("%s %s: the page has %d sections, want 1", method, path, got)
			}
			if !strings.Contains(text, method+" "+path) {
				t.Errorf("the description is %q, want it with %q", text, method+" "+path)
			}
			if !strings.Contains(text, op.Summary) {
				t.Errorf("the description is %q, want it with %q", text, op.Summary)
			}
			for status := range op.Responses.Map() {
				if status != "default" && !strings.Contains(text, status) {
					t.Errorf("the page does not describe %s of %s %s", status, method, path)
				}
			}
			for _, p := range op.Parameters {
				if !strings.Contains(text, p.Value.Name) {
					t.Errorf("the page does not describe %s of %s %s", p.Value.Name, method, path)
				}
			}
		}
	}
	for _, link := range got.doc.Find(`a[href^="#"]`).EachIter() {
		if id := strings.TrimPrefix(link.AttrOr("href", ""), "#"); got.doc.Find("[id='"+id+"']").Length() != 1 {
			t.Errorf("#%s matches %d elements", id, got.doc.Find("[id='"+id+"']").Length())
		}
	}
}
