package handlers

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
)

// These tests send requests that the client of net/http cannot send, and check the headers
// of answers.

// wire sends raw bytes and returns the answer.
func (a *app) wire(raw string) (*http.Response, string) {
	a.t.Helper()
	conn, err := net.Dial("tcp", a.srv.Listener.Addr().String())
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second)) // an error is reported by the calls below
	if _, err := io.WriteString(conn, raw); err != nil {
		a.t.Fatal(err)
	}
	method, _, _ := strings.Cut(raw, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		a.t.Fatalf("%.80q: got %v", raw, err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if resp.StatusCode != http.StatusContinue {
		_, err = body.ReadFrom(resp.Body)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return resp, body.String()
}

// wantsHeaders fails the test for each header with another value. "" means that it is absent.
func wantsHeaders(t *testing.T, what string, h http.Header, values map[string]string) {
	t.Helper()
	for name, want := range values {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
}

// wantsSecurity fails the test if an answer lacks one of the security headers.
func wantsSecurity(t *testing.T, what string, h http.Header) {
	t.Helper()
	wantsHeaders(t, what, h, map[string]string{"Content-Security-Policy": web.Csp, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"})
}

func TestAMalformedRequestIsRefusedWithSecurityHeaders(t *testing.T) {
	a := newApp(t)
	const host = " HTTP/1.1\r\nHost: x\r\n\r\n"
	for raw, status := range map[string]int{
		"GET /%zz" + host: 400, "GET /api/%zz" + host: 400, "GET /a b" + host: 400, "rubbish\r\n\r\n": 400, "GET / HTTP/1.1\r\n\r\n": 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
		"GET / HTTP/1.1\r\nHost: x\r\nA\x01: b\r\n\r\n": 400, "GET / HTTP/9.0\r\nHost: x\r\n\r\n": 505, "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n": 501,
	} {
		got, body := a.wire(raw)
		if got.StatusCode != status {
			t.Errorf("%.60q: the status is %d, want %d", raw, got.StatusCode, status)
		}
		if body == "" {
			t.Errorf("%.60q: the body is empty", raw)
		}
		if !got.Close {
			t.Errorf("%.60q: the close is false, want true", raw)
		}
		wantsHeaders(t, raw, got.Header, map[string]string{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"})
		wantsSecurity(t, raw, got.Header)
	}
}

func TestOddTargetsAreAnsweredWithSecurityHeaders(t *testing.T) {
	a := newApp(t)
	const host = " HTTP/1.1\r\nHost: x\r\n"
	for target, status := range map[string]int{
		"http://x/login": 200, "http://other/login": 200, "http://x": 200, "http://x?q=1": 200, "HTTP://x/login?next=/": 200, "http:login": 404, "x:login": 404,
		"//login": 404, "//evil.example/": 404, "///": 404, "/a/../login": 404, "/login/..": 404, "/./login": 404, "/login%2f": 404, "/%2flogin": 404, "/login%00": 404, "/%00": 404,
		"/api%2fhealth": 404, "/%61pi/health": 404, "/api/../login": 404, "/api//health": 404, "/login;x": 404, "/LOGIN": 404, "/l\xc3\xb6gin": 404, "/login?" + strings.Repeat("a", 20_000): 200,
	} {
		got, _ := a.wire("GET " + target + host + "\r\n")
		if got.StatusCode != status {
			t.Errorf("GET %.60s: got %d, want %d", target, got.StatusCode, status)
		}
		wantsSecurity(t, target, got.Header)
	}
	for raw, status := range map[string]int{
		"OPTIONS /login" + host + "\r\n": 204, "OPTIONS /nothing" + host + "\r\n": 404, "OPTIONS /static/app.css" + host + "\r\n": 204, "OPTIONS /api/tickets" + host + "\r\n": 204, "BREW /login" + host + "Origin: http://x\r\n\r\n": 405,
		"TRACE /api/health" + host + "\r\n": 405, "CONNECT x:80" + host + "\r\n": 403, "GET /login HTTP/1.1\r\nHost:\r\n\r\n": 200, "GET /api/docs HTTP/1.1\r\nHost:\r\n\r\n": 200, "GET /login HTTP/1.0\r\n\r\n": 200,
		"GET /login" + host + "Range: bytes=0-5\r\n\r\n": 200, "GET /api/health" + host + "Range: bytes=0-5\r\n\r\n": 200,
	} {
		got, _ := a.wire(raw)
		if got.StatusCode != status {
			t.Errorf("%.60q: got %d, want %d", raw, got.StatusCode, status)
		}
		if (status == 204 || status == 405) && got.Header.Get("Allow") == "" {
			t.Errorf("%.60q: the answer %d has no Allow", raw, status)
		}
		wantsSecurity(t, raw, got.Header)
	}
}

func TestAClientThatWaitsForContinueIsAnsweredAtOnce(t *testing.T) {
	a := newApp(t)
	head := func(line string) string {
		return line + " HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
	}
	if got, _ := a.wire(head("POST /api/auth/login")); got.StatusCode != 100 {
		t.Errorf("a body that is wanted: got %d, want 100", got.StatusCode)
	}
	for _, line := range []string{"GET /login", "GET /api/health", "GET /nothing"} { // these routes do not read a body
		if got, _ := a.wire(head(line)); got.StatusCode != 200 && got.StatusCode != 404 {
			t.Errorf("%s: got %d, want its answer", line, got.StatusCode)
		}
	}
}

// A proxy and the desk could each use a different type.
func TestABodyOfTwoTypesIsRefused(t *testing.T) {
	a := newApp(t)
	ask := func(path, types, body string) int {
		got, _ := a.wire(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", path, types, len(body), body))
		return got.StatusCode
	}
	const asJSON, asText, asForm = "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"
	login := `{"email":"nobody@example.org","password":"three unrelated words"}`
	form := "email=nobody%40example.org&password=three+unrelated+words"
	for _, c := range []struct {
		what, path, types, body string
		want                    int
	}{
		{"one", "/api/auth/login", asJSON, login, 401}, {"the same twice", "/api/auth/login", asJSON + asJSON, login, 401},
		{"another behind", "/api/auth/login", asJSON + asText, login, 415}, {"another before", "/api/auth/login", asText + asJSON, login, 415},
		{"a form", "/login", asForm, form, 401}, {"a form and another", "/login", asForm + asText, form, 400},
	} {
		if got := ask(c.path, c.types, c.body); got != c.want {
			t.Errorf("%s to %s: got %d, want %d", c.what, c.path, got, c.want)
		}
	}
}

func TestEverySpellingOfTheUTF8CharsetIsAcceptedForJSON(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "application/json; charset=utf8", "application/json; charset=UTF8", `application/json; charset="UTF-8"`, `application/json; charset="utf8"`, "Application/JSON; Charset=Utf8", "application/json;", "application/json; charset="} {
		if got := ana.send("POST", "/tickets", `{"subject":"A lamp","description":"D"}`, "Content-Type", kind); got.StatusCode != 201 {
			t.Errorf("%s: got %d %s, want 201", kind, got.StatusCode, got.body)
		}
	}
	for _, kind := range []string{"application/json; charset=latin1", "application/json; charset=utf-16", `application/json; charset="utf 8"`} {
		ana.send("POST", "/tickets", `{"subject":"A lamp","description":"D"}`, "Content-Type", kind).wants(400)
	}
}

func TestEverySpellingOfTheMultipartTypeIsAccepted(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana").program()
	part := func(name, filename, text string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"" + filename + "\r\n\r\n" + text + "\r\n"
	}
	body := part("subject", "", "S") + part("description", "", "D") + part("attachment", `; filename="a.txt"`, strings.Repeat("a", 2*web.MaxFormBody)) + "--b--\r\n"
	for _, kind := range []string{"multipart/form-data; boundary=b", `Multipart/Form-Data; boundary="b"`} {
		if got := ana.send("POST", "/tickets", body, "Content-Type", kind); got.StatusCode != 201 {
			t.Errorf("%s: got %d %s, want 201", kind, got.StatusCode, got.body)
		}
	}
}

func TestATrailingSlashIsIgnored(t *testing.T) {
	a := newApp(t, unlimited, sendsMail)
	c := a.admin("Boss")
	boss, ticket := c.program(), a.customer("Ana")
	id, name := a.ticketWithFile(ticket)
	c.savesView("Open", "status=OPEN")
	a.team("Billing", false)
	a.mailed(id, 1, "sent")
	a.exec("insert into roles (name, name_key) values ('Light agent', 'light agent')")
	replace := strings.NewReplacer(":id", fmt.Sprint(id), ":name", name, ":seq", "1")
	for _, r := range a.handler.Handler.(*echo.Echo).Routes() {
		path := replace.Replace(r.Path)
		switch {
		case r.Method != http.MethodGet, strings.HasPrefix(path, "/static"), path == "/", strings.HasSuffix(path, "/:token"):
			continue
		case strings.HasPrefix(path, "/admin/users/") && path != "/admin/users/new":
			continue
		}
		ask := func(path string) *http.Response { return c.get(path).Response }
		if strings.HasPrefix(path, "/api/") {
			ask = func(path string) *http.Response {
				return boss.send("GET", strings.TrimPrefix(path, "/api"), nil).Response
			}
		}
		plain, slashed := ask(path), ask(path+"/")
		if plain.StatusCode == 404 {
			t.Errorf("%s: the status is %d, want another value", path, plain.StatusCode)
		}
		if slashed.StatusCode != plain.StatusCode {
			t.Errorf("%s: the status is %d, want %d", path, slashed.StatusCode, plain.StatusCode)
		}
		wantsHeaders(t, path+"/", slashed.Header, map[string]string{"Location": plain.Header.Get("Location"), "Content-Type": plain.Header.Get("Content-Type")})
	}
	boss.send("POST", "/tickets/", invoice).wants(201)
	boss.send("PUT", fmt.Sprintf("/tickets/%d/", id), obj{"subject": "Changed"}).wants(200)
	c.post("/account/theme/", url.Values{"theme": {"dark"}}).leadsTo(t, "/account")
	a.visitor().get("/tickets/?q=x").leadsTo(t, "/login?next=%2Ftickets%3Fq%3Dx")
	c.get(fmt.Sprintf("/tickets/%d/", id), htmx...).wants(t, 200)
	for _, path := range []string{"/tickets//", "/tickets%2f", "/static/", "/api/tickets//", "/nothing/"} {
		if got := c.get(path); got.StatusCode != 404 {
			t.Errorf("%s: got %d, want 404", path, got.StatusCode)
		}
	}
}

func TestLocationHeadersFitTheLimitsOfProxies(t *testing.T) {
	a := newApp(t)
	visitor, ana, long := a.visitor(), a.customer("Ana"), strings.Repeat("a", 20_000)
	a.ticketWithFile(ana)
	a.ticketWithFile(ana)
	newcomer := a.admin("Newcomer")
	a.exec("update users set must_change_password = true where id = $1", newcomer.id)
	for what, got := range map[string]page{
		"a file":              visitor.get("/uploads/" + long),
		"a search":            visitor.get("/tickets?q=" + long),
		"a search by htmx":    visitor.get("/tickets?q="+long, htmx...),
		"a file's wide name":  visitor.get("/uploads/" + strings.Repeat("%E4%B8%8A", 500)),
		"a new password":      newcomer.get("/tickets?q=" + long),
		"a form's address":    ana.get("/tickets/" + long + "/comments"),
		"a line end":          ana.get("/tickets/%0d%0aX-Evil:%201/comments"),
		"changes of the list": ana.get("/tickets/changes?q=" + long),
		"signing out":         a.customer("Boris").post("/logout", url.Values{"next": {"/tickets?q=" + strings.Repeat("ž", 900)}}),
		"a page of the API":   {Response: ana.program().send("GET", "/tickets?limit=1&x="+long, nil).Response},
	} {
		found := false
		for _, name := range []string{"Location", "HX-Redirect", "Link"} {
			to := got.Header.Get(name)
			found = found || to != ""
			if len(to) > web.MaxLocation {
				t.Errorf("%s: got %d bytes, want at most %d: %q", what, len(to), web.MaxLocation, to)
			}
			if strings.HasPrefix(to, "/tickets/aaaa") {
				t.Errorf(`%s: got %q, want another prefix than "/tickets/aaaa"`, what, to)
			}
			if name != "Link" && strings.ContainsAny(to, " \r\n") {
				t.Errorf("%s: %s has a space or a line end: %.80q", what, name, to)
			}
		}
		if !found {
			t.Errorf("%s: %d has no address", what, got.StatusCode)
		}
	}
	visitor.get("/tickets?q="+long).leadsTo(t, "/login?next=%2Ftickets")
}
